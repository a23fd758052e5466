import { useState } from 'preact/hooks'
import { faultsOf, type Problem } from '../../../api/problem.ts'
import { html } from '../../../html.ts'
import type { FaultAt } from '../../../parts/field.ts'
import { ProblemNotice } from '../../../parts/problem-notice.ts'
import type { ControlProps } from './controls/control.ts'
import { FormSection } from './form-section.ts'
import type { SettingsDraft } from './model/draft.ts'
import type { Settings } from './model/setting.ts'
import { readDraft } from './model/settings.ts'
import { hasControlFor, sections } from './sections.ts'

interface FormProps {
  draft: SettingsDraft
  onDraft: (draft: SettingsDraft) => void
  /** Saves the settings and returns whether that succeeded. */
  onSave: (settings: Settings) => Promise<boolean>
  /** Why the API refused the settings. */
  problem: Problem | null
  isBusy: boolean
  saveLabel: string
  cancelHref: string
  /** What stands above the buttons, e.g. a notice that another person has changed the subscription. */
  children?: unknown
}

/** All settings of a subscription. */
export const SubscriptionForm = (props: FormProps) => {
  const { draft, onDraft, onSave, problem, isBusy, saveLabel, cancelHref, children } = props
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map())
  const faults = new Map([...faultsOf(problem), ...typed])
  const faultAt: FaultAt = pointer =>
    faults.get(pointer) ?? [...faults].find(([at]) => at.startsWith(`${pointer}/`))?.[1]
  const shared: ControlProps = { draft, set: change => onDraft({ ...draft, ...change }), faultAt }

  const submit = async (event: Event) => {
    event.preventDefault()
    const { settings, faults: wrong } = readDraft(draft)
    setTyped(wrong)
    if (wrong.size > 0 || !(await onSave(settings))) focusFirstFault()
  }
  const errors = problem?.errors ?? []
  // A problem that is shown at its fields is not shown a second time.
  const isAtFields = errors.length > 0 && errors.every(({ pointer }) => hasControlFor(pointer))
  return html`<form class="form" novalidate onSubmit=${submit}>
    ${sections.map(section => html`<${FormSection} key=${section.title} section=${section} shared=${shared} />`)}
    ${children} ${problem !== null && !isAtFields && html`<${ProblemNotice} problem=${problem} />`}
    ${
      (isAtFields || typed.size > 0) &&
      html`<p class="error" role="alert">
        Not saved yet: ${faults.size === 1 ? 'one field needs' : `${faults.size} fields need`} a change.
      </p>`
    }
    <div class="form-foot actions">
      <button type="submit" class="button primary" disabled=${isBusy}>${isBusy ? 'Saving…' : saveLabel}</button>
      <a class="button ghost" href=${cancelHref}>Cancel</a>
    </div>
  </form>`
}

/** The faults are in the page from the next frame on. */
const focusFirstFault = (): void => {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}
