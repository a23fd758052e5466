import { html } from '../html.ts'

/** How a state is coloured: `ok`, `busy` (in progress), `warn` (needs a look), `bad`, `quiet` (finished, or needs no attention). */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'quiet'

const deliveryTones: Readonly<Record<string, Tone>> = {
  delivered: 'ok',
  pending: 'busy',
  held: 'warn',
  dead: 'bad',
  cancelled: 'quiet',
}

/** A state in a word or two: `<${StatusBadge} tone="ok">Active<//>`. */
export const StatusBadge = ({ tone, children }: { tone: Tone; children?: unknown }) =>
  html`<span class=${`badge ${tone}`}><span class="dot"></span>${children}</span>`

/** The status of a delivery. */
export const DeliveryBadge = ({ status }: { status: string }) =>
  html`<${StatusBadge} tone=${deliveryTones[status] ?? 'quiet'}>${status}<//>`
