import type { Operations } from '../operation/operations.ts'
import { keyOperations } from './operations.ts'
import { type ListedKey, showKey } from './wire.ts'

export interface KeyDeps {
  readonly signingKeys: {
    keys(): readonly ListedKey[]
    refresh(): Promise<void>
    rotate(force?: boolean): Promise<void>
  }
}

/** The operator’s view of the signing keys, and their rotation by command. */
export const keyRoutes = (operations: Operations, { signingKeys }: KeyDeps): void => {
  const show = () => ({ items: signingKeys.keys().map(showKey), next: null })
  const current = () => signingKeys.keys().find(({ use }) => use === 'current')?.kid

  operations.add(keyOperations.list, async () => {
    await signingKeys.refresh()
    return show()
  })

  operations.add(keyOperations.rotate, async ({ state: { body, record } }) => {
    const before = current()
    await signingKeys.rotate(body.force ?? false)
    record({ before: { current: before }, after: { current: current() } })
    return show()
  })
}
