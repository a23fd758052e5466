import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { html } from '../html.ts'
import { Icon } from './icon.ts'

/** Copies `text`; `what` names it for who cannot see where the button stands: "the secret". */
export const CopyButton = ({ text, what, label }: { text: string; what: string; label?: string }) => {
  const state = useSignal<'ready' | 'copied' | 'failed'>('ready')
  useEffect(() => {
    if (state.value === 'ready') return undefined
    const timer = setTimeout(() => {
      state.value = 'ready'
    }, 2_000)
    return () => clearTimeout(timer)
  }, [state.value])
  const copy = async () => {
    state.value = (await writeToClipboard(text)) ? 'copied' : 'failed'
  }
  const said = { ready: label ?? '', copied: 'Copied', failed: 'Select and copy it by hand' }[state.value]
  return html`<button
    type="button"
    class=${label === undefined ? 'button ghost small' : 'button small'}
    aria-label=${`Copy ${what}`}
    title=${`Copy ${what}`}
    onClick=${copy}
  >
    <${Icon} name=${state.value === 'copied' ? 'check' : 'copy'} /><span aria-live="polite">${said}</span>
  </button>`
}

/** Also where the browser keeps its clipboard from pages without TLS. */
const writeToClipboard = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    area.setAttribute('aria-hidden', 'true')
    ;(document.querySelector('dialog[open]') ?? document.body).append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}
