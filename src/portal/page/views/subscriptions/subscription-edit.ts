import { useState } from 'preact/hooks'
import { type Answer, call, ofTenant } from '../../api/client.ts'
import { ApiProblem } from '../../api/problem.ts'
import type { Subscription } from '../../api/shapes.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLeaveGuard } from '../../hooks/use-leave-guard.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { toast } from '../../parts/toast.ts'
import { goTo, linkTo, type ViewProps } from '../../router.ts'
import { type Conflict, ConflictNotice } from './conflict-notice.ts'
import type { Settings } from './form/model/setting.ts'
import { changedIn, draftOf, nameOf, patchOf, readDraft, rebased, settingsOf } from './form/model/settings.ts'
import { SubscriptionForm } from './form/subscription-form.ts'
import { titleOf } from './subscription-state.ts'
import { sentenceOf } from './warnings.ts'

/** Changes the settings of a subscription without overwriting what another person has changed since. */
export const SubscriptionEdit = ({ params: { id = '' } }: ViewProps) => {
  const load = useLoad(
    signal => call<Subscription>(ofTenant(`/subscriptions/${encodeURIComponent(id)}`), { signal }),
    [id],
  )
  const name = load.data === null ? null : titleOf(load.data.body)
  const back = { href: linkTo(`/subscriptions/${id}`), label: name ?? 'Subscription' }
  return html`<${PageFrame} title=${name === null ? 'Edit' : `Edit ${name}`} back=${back}>
    <${Loaded} of=${load} lines=${8}>${(read: Answer<Subscription>) => html`<${Editor} read=${read} />`}<//>
  <//>`
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
    const save = async (ifMatch: string | null) => {
      const { body } = await call<Subscription>(path, { method: 'PATCH', body: patch, ifMatch: ifMatch ?? undefined })
      body.warnings?.forEach(warning => toast(sentenceOf(warning)))
    }
    try {
      if (Object.keys(patch).length > 0) await save(base.etag)
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'precondition_failed') throw error
      const theirs = await call<Subscription>(path)
      const changed = changedIn(before, settingsOf(theirs.body))
      if (changed.length > 0) {
        const both = changedIn(before, mine).filter(field => changed.includes(field))
        setConflict({ theirs, changed: changed.map(nameOf), both: both.map(nameOf) })
        return
      }
      // Only the state of the subscription has changed, e.g. it was paused: that does not concern its settings.
      await save(theirs.etag)
    }
    toast('Saved. The changes apply to the next event.')
    goTo(own)
  })

  const resolve = ({ theirs }: Conflict, resolved: Settings) => {
    setDraft(draftOf(resolved))
    setBase(theirs)
    setConflict(null)
  }
  return html`<${SubscriptionForm}
    draft=${draft}
    onDraft=${setDraft}
    onSave=${saving.run}
    problem=${saving.problem}
    isBusy=${saving.isBusy}
    saveLabel="Save changes"
    cancelHref=${linkTo(own)}
  >
    ${
      conflict !== null &&
      html`<${ConflictNotice}
        conflict=${conflict}
        onKeepMine=${() => resolve(conflict, rebased(before, readDraft(draft).settings, settingsOf(conflict.theirs.body)))}
        onTakeTheirs=${() => resolve(conflict, conflict.theirs.body)}
      />`
    }
  <//>`
}
