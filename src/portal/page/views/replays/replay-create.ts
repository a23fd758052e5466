import { useEffect, useRef, useState } from 'preact/hooks'
import { call, newIdempotencyKey, ofTenant } from '../../api/client.ts'
import { faultsOf } from '../../api/problem.ts'
import type { Replay } from '../../api/shapes.ts'
import { counted } from '../../format/text.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { Icon } from '../../parts/icon.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { goTo, linkTo } from '../../router.ts'
import { ReplayCount } from './replay-count.ts'
import { bodyOf, faultsIn, firstDraft, type ReplayDraft } from './replay-draft.ts'
import { ReplayFields } from './replay-fields.ts'

/** Starts a replay. It counts the deliveries first, so that the person knows how many will be sent. */
export const ReplayCreate = () => {
  const [draft, setDraft] = useState(firstDraft)
  const [faults, setFaults] = useState<ReadonlyMap<string, string>>(new Map())
  const [count, setCount] = useState<number | null>(null)
  const foot = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (count !== null) foot.current?.scrollIntoView({ block: 'nearest' })
  }, [count])
  const path = ofTenant('/replays')
  const counting = useAction(async () => {
    const { body } = await call<{ count: number }>(path, { method: 'POST', body: { ...bodyOf(draft), dryRun: true } })
    setCount(body.count)
  })
  // Trying again uses the same key, so a lost answer does not lead to a second replay.
  const attemptKey = useRef(newIdempotencyKey())
  const starting = useAction(async () => {
    const wanted = { method: 'POST', body: bodyOf(draft), idempotencyKey: attemptKey.current } as const
    goTo(`/replays/${(await call<Replay>(path, wanted)).body.id}`)
  })
  const change = (part: Partial<ReplayDraft>) => {
    setDraft(before => ({ ...before, ...part }))
    attemptKey.current = newIdempotencyKey()
    setCount(null)
    setFaults(new Map())
    counting.clear()
    starting.clear()
  }
  const submit = (event: Event) => {
    event.preventDefault()
    const found = faultsIn(draft)
    setFaults(found)
    if (found.size === 0) void counting.run()
  }
  const problem = counting.problem ?? starting.problem
  return html`<${PageFrame}
    title="New replay"
    lead="Doorbell sends to the subscription’s current address, signs with the current key, and marks each request as a replay."
    back=${{ href: linkTo('/replays'), label: 'Replays' }}
  >
    <form class="replay-form" novalidate onSubmit=${submit}>
      <${ReplayFields} draft=${draft} faults=${new Map([...faults, ...faultsOf(problem)])} onChange=${change} />
      ${problem && html`<${ProblemNotice} problem=${problem} />`}
      <div role="status">${count !== null && html`<${ReplayCount} count=${count} draft=${draft} />`}</div>
      <div class="actions" ref=${foot}>
        ${
          count === null || count === 0
            ? html`<button type="submit" class="button primary" disabled=${counting.isBusy}>
                ${counting.isBusy ? 'Counting…' : 'Count deliveries'}
              </button>`
            : html`<button
                type="button"
                class="button primary"
                disabled=${starting.isBusy}
                onClick=${() => starting.run()}
              >
                <${Icon}
                  name="replays"
                />${starting.isBusy ? 'Starting…' : `Send ${counted(count, 'delivery', 'deliveries')} again`}
              </button>`
        }
        <a class="button ghost" href=${linkTo('/replays')}>Cancel</a>
      </div>
    </form>
  <//>`
}
