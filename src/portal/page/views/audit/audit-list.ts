import { useState } from 'preact/hooks'
import { ofTenant } from '../../api/client.ts'
import type { AuditEntry } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Icon } from '../../parts/icon.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Paged } from '../../parts/paged.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { usePages } from '../../hooks/use-pages.ts'
import { shortTime, When } from '../../parts/when.ts'
import { linkTo, place, replacePlace } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { actionText, actionWords, actorText, type Changed, changedFields, pathOf } from './audit-words.ts'

interface Filters {
  readonly action?: string | undefined
  readonly resource?: string | undefined
  /** `all`: of every tenant and of the service. */
  readonly of?: string | undefined
}

const read = (): Filters => {
  const { query } = place.value
  return Object.fromEntries(['action', 'resource', 'of'].map(name => [name, query.get(name) ?? undefined]))
}
const narrow = (change: Filters): void => replacePlace('/audit', { ...read(), ...change })

/** Who changed what, and from what to what. */
export const AuditList = () => {
  const { action, resource, of } = read()
  const ofAll = of === 'all' && may('operator')
  const pages = usePages<AuditEntry>(ofAll ? '/v1/audit' : ofTenant('/audit'), { action, resource })
  return html`<${PageFrame}
    title="Audit"
    lead="Every change, by whom, and from what to what. Secrets are never among it."
  >
    <div class="filters" role="group" aria-label="Filters">
      <select
        class=${action === undefined ? 'filter' : 'filter chosen'}
        aria-label="Change"
        onChange=${(event: Event) => narrow({ action: (event.target as HTMLSelectElement).value || undefined })}
      >
        <option value="" selected=${action === undefined}>Any change</option>
        ${Object.entries(actionWords).map(
          ([key, words]) =>
            html`<option key=${key} value=${key} selected=${key === action}>
              ${words.charAt(0).toUpperCase()}${words.slice(1)}
            </option>`,
        )}
      </select>
      ${
        may('operator') &&
        html`<select
          class=${ofAll ? 'filter chosen' : 'filter'}
          aria-label="Whose"
          onChange=${(event: Event) => narrow({ of: (event.target as HTMLSelectElement).value || undefined })}
        >
          <option value="" selected=${!ofAll}>This tenant</option>
          <option value="all" selected=${ofAll}>All tenants, and the service</option>
        </select>`
      }
      <${ResourceFilter} key=${resource} resource=${resource} />
      ${
        (action !== undefined || resource !== undefined) &&
        html`<button
          type="button"
          class="button ghost small"
          onClick=${() => narrow({ action: undefined, resource: undefined })}
        >
          Clear filters
        </button>`
      }
    </div>
    <${Paged}
      of=${pages}
      empty=${html`<${EmptyState}
        title=${action === undefined && resource === undefined ? 'Nothing was changed yet' : 'No change fits'}
      >
        Whoever creates, changes or deletes something here leaves an entry, with what it was before and after.
      <//>`}
    >
      ${(items: readonly AuditEntry[]) =>
        html`<ol class="audit" aria-label="Changes, the newest first">
          ${items.map(entry => html`<${Entry} key=${entry.id} entry=${entry} showsTenant=${ofAll} />`)}
        </ol>`}
    <//>
  <//>`
}

const ResourceFilter = ({ resource = '' }: { resource?: string | undefined }) => {
  const [text, setText] = useState(resource)
  const submit = (event: Event) => {
    event.preventDefault()
    narrow({ resource: text.trim() || undefined })
  }
  return html`<form class="audit-resource" role="search" onSubmit=${submit}>
    <input
      type="search"
      class="mono"
      aria-label="Id of what was changed"
      placeholder="Id of what was changed"
      maxlength="200"
      spellcheck=${false}
      value=${text}
      onInput=${(event: Event) => setText((event.target as HTMLInputElement).value)}
    />
    <button type="submit" class="button small">Find</button>
  </form>`
}

const Entry = ({ entry, showsTenant }: { entry: AuditEntry; showsTenant: boolean }) => {
  const { actor, resource, at, outcome, traceId, tenant } = entry
  const path = pathOf(resource)
  const changed = changedFields(entry)
  return html`<li class="audit-entry">
    <div class="audit-head">
      <p>
        <b>${actorText(actor)}</b> ${actionText(entry)}
        ${showsTenant && tenant !== null && html` of <code>${tenant}</code>`}
        ${outcome === 'failed' && html` <${StatusBadge} tone="bad">failed<//>`}
        ${outcome === 'begun' && html` <${StatusBadge} tone="warn">not known whether it was done<//>`}
      </p>
      <span class="attempt-at"> <${When} at=${at} /> <span class="clock">${shortTime(Date.parse(at))}</span> </span>
    </div>
    <p class="audit-about">
      ${
        resource.id !== '' &&
        html`<span class="with-copy">
          ${path === null ? html`<code>${resource.id}</code>` : html`<a href=${linkTo(path)}><code>${resource.id}</code></a>`}
          <button
            type="button"
            class="button ghost small"
            aria-label=${`Everything about ${resource.id}`}
            title="Everything about it"
            onClick=${() => narrow({ resource: resource.id })}
          >
            <${Icon} name="search" />
          </button>
        </span>`
      }
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

/** Few fields at once; a new subscription has many. */
const shownAtOnce = 6

const Difference = ({ changed }: { changed: readonly Changed[] }) => {
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
