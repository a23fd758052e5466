import { useState } from 'preact/hooks'
import type { AuditEntry } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { Icon } from '../../parts/icon.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { LogTime } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { narrow } from './audit-query.ts'
import { actionText, actorText, pathOf } from './audit-words.ts'
import { type ChangedField, changedFields } from './changed-fields.ts'

/** One entry of the audit. */
export const AuditRow = ({ entry, showsTenant }: { entry: AuditEntry; showsTenant: boolean }) => {
  const { actor, resource, at, outcome, traceId, tenant } = entry
  const changed = changedFields(entry)
  return html`<li class="row audit-entry">
    <div class="audit-head">
      <p>
        <b>${actorText(actor)}</b> ${actionText(entry)}
        ${showsTenant && tenant !== null && html` of <code>${tenant}</code>`}
        ${outcome === 'failed' && html` <${StatusBadge} tone="bad">failed<//>`}
        ${outcome === 'begun' && html` <${StatusBadge} tone="warn">outcome unknown<//>`}
      </p>
      <${LogTime} at=${at} />
    </div>
    <p class="audit-about">
      ${resource.id !== '' && html`<${Resource} resource=${resource} />`}
      ${
        traceId !== null &&
        html`<span class="trace"
          >trace <code>${traceId.slice(0, 8)}…</code><${CopyButton} text=${traceId} what="the trace id"
        /></span>`
      }
    </p>
    ${changed.length > 0 && html`<${Difference} changed=${changed} />`}
  </li>`
}

const Resource = ({ resource }: { resource: AuditEntry['resource'] }) => {
  const { id } = resource
  const path = pathOf(resource)
  return html`<span class="copyable">
    ${path === null ? html`<code>${id}</code>` : html`<a href=${linkTo(path)}><code>${id}</code></a>`}
    <button
      type="button"
      class="button ghost small"
      aria-label=${`All changes of ${id}`}
      title="All changes of it"
      onClick=${() => narrow({ resource: id })}
    >
      <${Icon} name="search" />
    </button>
  </span>`
}

/** A new subscription has many fields; the others are shown on request. */
const shownAtOnce = 6

const Difference = ({ changed }: { changed: readonly ChangedField[] }) => {
  const [showsAll, showAll] = useState(false)
  const shown = showsAll ? changed : changed.slice(0, shownAtOnce)
  return html`<dl class=${changed.some(({ before }) => before !== null) ? 'difference' : 'difference plain'}>
      ${shown.map(
        ({ name, before, after }) =>
          html`<dt key=${name}><code>${name}</code></dt>
            <dd>
              ${before !== null && html`<del><span class="visually-hidden">was </span>${before}</del>`}
              ${before !== null && after !== null && html`<span class="arrow" aria-hidden="true">→</span>`}
              ${after !== null && html`<ins><span class="visually-hidden">is now </span>${after}</ins>`}
            </dd>`,
      )}
    </dl>
    ${
      changed.length > shown.length &&
      html`<button type="button" class="button ghost small audit-more" onClick=${() => showAll(true)}>
        ${changed.length - shown.length} more
      </button>`
    }`
}
