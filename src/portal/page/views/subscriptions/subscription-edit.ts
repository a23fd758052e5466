import { useEffect, useState } from 'preact/hooks'
import { type Answer, call, ofTenant } from '../../api/client.ts'
import { ApiProblem, problemFrom } from '../../api/problem.ts'
import type { Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Icon } from '../../parts/icon.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { toast } from '../../parts/toast.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLeaveGuard } from '../../hooks/use-leave-guard.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { goTo, linkTo } from '../../router.ts'
import {
  changedIn,
  draftOf,
  nameOf,
  patchOf,
  readDraft,
  rebased,
  type Settings,
  settingsOf,
} from './form/settings-draft.ts'
import { focusFirstFault, SubscriptionForm } from './form/subscription-form.ts'
import { titleOf } from './subscription-state.ts'

type Params = Readonly<Record<string, string>>

/** Changes the settings of a subscription, and never over somebody else’s change. */
export const SubscriptionEdit = ({ params: { id = '' } }: { params: Params }) => {
  const load = useLoad(
    signal => call<Subscription>(ofTenant(`/subscriptions/${encodeURIComponent(id)}`), { signal }),
    [id],
  )
  const title = load.data === null ? 'Edit' : `Edit ${titleOf(load.data.body)}`
  const back = {
    href: linkTo(`/subscriptions/${id}`),
    label: load.data === null ? 'Subscription' : titleOf(load.data.body),
  }
  return html`<${PageFrame} title=${title} back=${back}>
    <${Loaded} of=${load} lines=${8}>${(read: Answer<Subscription>) => html`<${Editor} read=${read} />`}<//>
  <//>`
}

interface Conflict {
  readonly theirs: Answer<Subscription>
  /** What they changed since it was read here. */
  readonly changed: readonly string[]
  /** Of that, what was changed here too. */
  readonly both: readonly string[]
}

const Editor = ({ read }: { read: Answer<Subscription> }) => {
  const path = ofTenant(`/subscriptions/${read.body.id}`)
  const own = `/subscriptions/${read.body.id}`
  const [base, setBase] = useState(read)
  const [draft, setDraft] = useState(draftOf(read.body))
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const before = settingsOf(base.body)
  useLeaveGuard(changedIn(before, readDraft(draft).settings).length > 0)

  const saving = useAction(async (mine: Settings) => {
    setConflict(null)
    const patch = patchOf(before, mine)
    try {
      if (Object.keys(patch).length > 0)
        await call(path, { method: 'PATCH', body: patch, ifMatch: base.etag ?? undefined })
    } catch (error) {
      if (!(error instanceof ApiProblem) || problemFrom(error).code !== 'precondition_failed') throw error
      const theirs = await call<Subscription>(path)
      const changed = changedIn(before, settingsOf(theirs.body))
      // Its state changed, and none of its settings: that is no conflict to a person.
      if (changed.length > 0) {
        const both = changedIn(before, mine).filter(name => changed.includes(name))
        setConflict({ theirs, changed: changed.map(nameOf), both: both.map(nameOf) })
        return
      }
      await call(path, { method: 'PATCH', body: patch, ifMatch: theirs.etag ?? undefined })
    }
    toast('Saved, and in force.')
    goTo(own)
  })

  const keepMine = () => {
    if (conflict === null) return
    const theirs = settingsOf(conflict.theirs.body)
    setDraft(draftOf(rebased(before, readDraft(draft).settings, theirs)))
    setBase(conflict.theirs)
    setConflict(null)
  }
  const takeTheirs = () => {
    if (conflict === null) return
    setDraft(draftOf(conflict.theirs.body))
    setBase(conflict.theirs)
    setConflict(null)
  }
  useEffect(() => {
    if (conflict !== null) document.querySelector<HTMLElement>('[data-conflict] button')?.focus()
  }, [conflict])

  return html`<${SubscriptionForm}
    draft=${draft}
    onDraft=${setDraft}
    onSave=${async (settings: Settings) => (await saving.run(settings)) || focusFirstFault()}
    problem=${saving.problem}
    isBusy=${saving.isBusy}
    saveLabel="Save changes"
    cancelHref=${linkTo(own)}
  >
    ${
      conflict !== null &&
      html`<div class="notice warn" role="alert" data-conflict>
        <${Icon} name="alert" />
        <div class="notice-body">
          <p class="notice-title">Somebody changed it meanwhile: ${conflict.changed.join(', ')}</p>
          <p>
            Nothing was saved.
            ${
              conflict.both.length === 0
                ? ' You changed other settings, so both fit together.'
                : ` You changed ${conflict.both.join(', ')} too: keeping yours replaces theirs.`
            }
          </p>
          <div class="notice-foot">
            <button type="button" class="button" onClick=${keepMine}>Keep my changes, on top of theirs</button>
            <button type="button" class="button ghost" onClick=${takeTheirs}>Discard mine and show theirs</button>
          </div>
        </div>
      </div>`
    }
  <//>`
}
