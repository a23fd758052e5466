import { useState } from 'preact/hooks'
import { ofTenant } from '../../api/client.ts'
import type { AuditEntry } from '../../api/shapes.ts'
import { capitalized } from '../../format/text.ts'
import { usePages } from '../../hooks/use-pages.ts'
import { html } from '../../html.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { ClearFilters, Filters, FilterSelect } from '../../parts/filters.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Paged } from '../../parts/paged.ts'
import { SearchBox } from '../../parts/search-box.ts'
import { may } from '../../session/session-state.ts'
import { AuditRow } from './audit-row.ts'
import { type AuditQuery, auditQuery, narrow } from './audit-query.ts'
import { actionWords } from './audit-words.ts'

/** Who changed what, with the values before and after. */
export const AuditList = () => {
  const query = auditQuery()
  const { action, resource } = query
  const ofAll = query.of === 'all' && may('operator')
  const pages = usePages<AuditEntry>(ofAll ? '/v1/audit' : ofTenant('/audit'), { action, resource })
  const isNarrowed = action !== undefined || resource !== undefined
  return html`<${PageFrame}
    title="Audit"
    lead="Every change, who made it, and the values before and after. Secrets are never recorded."
  >
    <${AuditFilters} query=${query} ofAll=${ofAll} />
    <${Paged}
      of=${pages}
      empty=${html`<${EmptyState} title=${isNarrowed ? 'No matching changes' : 'No changes yet'}>
        Each time a person or a system creates, changes or deletes something, an entry appears here.
      <//>`}
    >
      ${(items: readonly AuditEntry[]) =>
        html`<ol class="rows" aria-label="Changes, newest first">
          ${items.map(entry => html`<${AuditRow} key=${entry.id} entry=${entry} showsTenant=${ofAll} />`)}
        </ol>`}
    <//>
  <//>`
}

const AuditFilters = ({ query: { action, resource }, ofAll }: { query: AuditQuery; ofAll: boolean }) =>
  html`<${Filters}>
    <${FilterSelect}
      label="Change"
      all="Any change"
      value=${action}
      options=${Object.entries(actionWords).map(([key, words]) => [key, capitalized(words)])}
      onChange=${(chosen?: string) => narrow({ action: chosen })}
    />
    ${
      may('operator') &&
      html`<${FilterSelect}
        label="Scope"
        all="This tenant"
        value=${ofAll ? 'all' : undefined}
        options=${[['all', 'All tenants and the service']]}
        onChange=${(chosen?: string) => narrow({ of: chosen })}
      />`
    }
    <${ResourceSearch} key=${resource} resource=${resource} />
    ${
      (action !== undefined || resource !== undefined) &&
      html`<${ClearFilters} onClear=${() => narrow({ action: undefined, resource: undefined })} />`
    }
  <//>`

const ResourceSearch = ({ resource = '' }: { resource?: string | undefined }) => {
  const [text, setText] = useState(resource)
  return html`<${SearchBox}
    isSmall
    label="Id of the changed resource"
    placeholder="Id of the changed resource"
    text=${text}
    onText=${setText}
    onFind=${(wanted: string) => narrow({ resource: wanted || undefined })}
  />`
}
