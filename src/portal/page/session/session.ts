import { get } from '../api/client.ts'
import { problemFrom } from '../api/problem.ts'
import type { Me, Page, Tenant } from '../api/shapes.ts'
import { replacePlace } from '../router.ts'
import { endSession, enter, keptTenant, session } from './session-state.ts'

/** Finds out whom a token stands for, and lets them in. Throws ApiProblem. */
export const signIn = async (token: string): Promise<void> => {
  const me = await get<Me>('/v1/me', { token })
  if (me.tenant !== null) {
    enter({ phase: 'signed-in', token, me, tenant: { id: me.tenant, name: me.name ?? me.tenant } })
    return
  }
  const wanted = keptTenant()
  const known = wanted === null ? undefined : (await listTenants(token)).find(({ id }) => id === wanted)
  enter(known === undefined ? { phase: 'choosing', token, me } : { phase: 'signed-in', token, me, tenant: known })
}

/** After a reload of the page: the token of this tab is tried again. A Doorbell that does not answer is no reason to forget it. */
export const restore = async (): Promise<void> => {
  const state = session.peek()
  if (state.phase !== 'restoring') return
  session.value = { ...state, problem: null }
  try {
    await signIn(state.token)
  } catch (error) {
    const problem = problemFrom(error)
    if (problem.status === 401) endSession(problem)
    else session.value = { ...state, problem }
  }
}

/** Every tenant, for the operator to choose from. */
export const listTenants = async (token: string): Promise<readonly Tenant[]> => {
  const found: Tenant[] = []
  let cursor: string | undefined
  do {
    const page = await get<Page<Tenant>>('/v1/tenants', { token, query: { limit: 100, cursor } })
    found.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return found
}

export const chooseTenant = (tenant: Tenant): void => {
  const state = session.peek()
  if (state.phase === 'choosing' || state.phase === 'signed-in')
    enter({ phase: 'signed-in', token: state.token, me: state.me, tenant })
}

/** The operator goes back to the choice of tenants. */
export const leaveTenant = (): void => {
  const state = session.peek()
  if (state.phase !== 'signed-in') return
  replacePlace('/')
  enter({ phase: 'choosing', token: state.token, me: state.me })
}

/** By the person’s own wish: whoever comes next begins at the beginning. */
export const signOut = (): void => {
  replacePlace('/')
  endSession()
}
