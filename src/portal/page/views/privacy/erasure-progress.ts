import { useEffect, useState } from 'preact/hooks'
import { get, ofTenant } from '../../api/client.ts'
import type { Erasure } from '../../api/shapes.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Figure, Figures } from '../../parts/figures.ts'
import { Loaded } from '../../parts/loaded.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'

const refreshMs = 1_000

/** The progress of an erasure, until it is done. */
export const ErasureProgress = ({ id }: { id: string }) => {
  const [isOver, setOver] = useState(false)
  const load = useLoad(
    signal => get<Erasure>(ofTenant(`/erasures/${encodeURIComponent(id)}`), { signal }),
    [id],
    isOver ? {} : { refreshMs },
  )
  useEffect(() => {
    if (load.data !== null) setOver(load.data.state === 'done')
  }, [load.data])
  return html`<div class="erasure" aria-label="Erasure" role="group">
    <${Loaded} of=${load} lines=${2}>
      ${({ id: shownId, state, scanned, events, deliveries, cancelled, createdAt, finishedAt }: Erasure) => html`
        <p class="erasure-state" role="status">
          <${StatusBadge} tone=${state === 'done' ? 'ok' : 'busy'}>${state === 'done' ? 'Erased' : 'Erasing'}<//>
          <span class="quiet small">
            requested
            <${When} at=${createdAt} />${finishedAt !== undefined && html`, done <${When} at=${finishedAt} />`}
          </span>
        </p>
        <${Figures}>
          <${Figure} name="events checked">${scanned.toLocaleString('en')}<//>
          <${Figure} name="overwritten">${events.toLocaleString('en')}<//>
          <${Figure} name="deliveries emptied">${deliveries.toLocaleString('en')}<//>
          <${Figure} name="cancelled">${cancelled.toLocaleString('en')}<//>
        <//>
        <p class="hint">
          For your records: <code>${shownId}</code>. This record is kept for a year and does not name the visitor.
        </p>
      `}
    <//>
  </div>`
}
