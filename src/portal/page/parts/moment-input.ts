import { localTime, readLocalTime } from '../format/local-time.ts'
import { zoneOf } from '../format/time.ts'
import { html } from '../html.ts'
import { TextInput } from './text-input.ts'

interface MomentInputProps {
  label: string
  /** RFC 3339; empty for none. */
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

/**
 * A field for a moment. It shows the moment in the reader's time zone and names the zone. The moment stays as it is until a person edits it: the local
 * time alone may stand for two.
 */
export const MomentInput = ({ label, value, error, onChange }: MomentInputProps) => {
  const at = Date.parse(value)
  return html`<${TextInput}
    label=${label}
    type="datetime-local"
    value=${localTime(at)}
    hint=${Number.isNaN(at) ? undefined : zoneOf(at)}
    error=${error}
    onChange=${(text: string) => onChange(readLocalTime(text) ?? '')}
  />`
}
