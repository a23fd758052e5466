import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { html } from '../html.ts'
import { Icon } from './icon.ts'

const shownMs = 2_000

/** A button that copies `text`. `what` names the text for a screen reader: "the secret". */
export const CopyButton = ({ text, what, label }: { text: string; what: string; label?: string }) => {
  const state = useSignal<'ready' | 'copied' | 'failed'>('ready')
  useEffect(() => {
    if (state.value === 'ready') return undefined
    const timer = setTimeout(() => {
      state.value = 'ready'
    }, shownMs)
    return () => clearTimeout(timer)
  }, [state.value])
  const copy = async () => {
    state.value = (await writeToClipboard(text)) ? 'copied' : 'failed'
  }
  const shown = { ready: label ?? '', copied: 'Copied', failed: 'Could not copy. Select the text and copy it.' }
  return html`<button
    type="button"
    class=${label === undefined ? 'button ghost small' : 'button small'}
    aria-label=${`Copy ${what}`}
    title=${`Copy ${what}`}
    onClick=${copy}
  >
    <${Icon} name=${state.value === 'copied' ? 'check' : 'copy'} /><span aria-live="polite">${shown[state.value]}</span>
  </button>`
}

/** Without TLS a browser has no clipboard API; the older command still works there. */
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
