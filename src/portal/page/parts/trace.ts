import { html } from '../html.ts'
import { CopyButton } from './copy-button.ts'
import { Icon } from './icon.ts'

interface TraceProps {
  traceId: string
  /** The trace in Jaeger, if the operator has set one up. */
  jaegerUrl?: string | undefined
  /** Names the id for a screen reader. */
  what: string
}

/** A link to a trace in Jaeger; without Jaeger, the beginning of the trace id and a button that copies it. */
export const Trace = ({ traceId, jaegerUrl, what }: TraceProps) => {
  if (jaegerUrl !== undefined)
    return html`<a class="trace" href=${jaegerUrl} target="_blank" rel="noopener">Trace<${Icon} name="external" /></a>`
  // An id of zeros means that nothing is traced.
  if (/^0*$/.test(traceId)) return null
  return html`<span class="trace">
    trace <code>${traceId.slice(0, 8)}…</code><${CopyButton} text=${traceId} what=${what} />
  </span>`
}
