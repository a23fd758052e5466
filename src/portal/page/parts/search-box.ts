import { html } from '../html.ts'
import { valueOf } from './field.ts'
import { Icon } from './icon.ts'

interface SearchBoxProps {
  /** Names the input for a screen reader. */
  label: string
  placeholder: string
  text: string
  onText: (text: string) => void
  /** Receives the text without surrounding blanks when the person presses Find or Enter. */
  onFind: (text: string) => void
  isBusy?: boolean
  /** True: it stands in a row of filters. */
  isSmall?: boolean
}

/** The longest id that the API accepts. */
const longestId = 200

/** An input for an id with a button that looks for it. */
export const SearchBox = ({
  label,
  placeholder,
  text,
  onText,
  onFind,
  isBusy = false,
  isSmall = false,
}: SearchBoxProps) => {
  const submit = (event: Event) => {
    event.preventDefault()
    onFind(text.trim())
  }
  return html`<form class=${isSmall ? 'search small' : 'search'} role="search" onSubmit=${submit}>
    ${!isSmall && html`<${Icon} name="search" />`}
    <input
      type="search"
      class=${isSmall ? 'mono' : ''}
      aria-label=${label}
      placeholder=${placeholder}
      maxlength=${longestId}
      autocomplete="off"
      spellcheck=${false}
      value=${text}
      onInput=${(event: Event) => onText(valueOf(event))}
    />
    <button type="submit" class="button small" disabled=${isBusy}>${isBusy ? 'Searching…' : 'Find'}</button>
  </form>`
}
