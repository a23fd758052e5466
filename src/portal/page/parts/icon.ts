import { html } from '../html.ts'

/** Paths on a grid of 16, drawn for this page with a line width of 1.5. */
const drawings = {
  subscriptions: 'M8 1.75v1.5M3.75 11.25V7.5a4.25 4.25 0 0 1 8.5 0v3.75l1 1.25H2.75zM6.5 14.25h3',
  deliveries: 'M2 8h9.5M8 4.25 11.75 8 8 11.75M14.25 2.75v10.5',
  replays: 'M2.5 8a5.5 5.5 0 1 0 1.7-4M2.5 2.25V5.5h3.25',
  keys: 'M10.25 9.25a3.5 3.5 0 1 0-3.4-2.6L2 11.5V14h2.5v-1.75h1.75V10.5H8l.6-.6c.5.2 1 .35 1.65.35M11 5h.01',
  audit: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  tokens: 'M3.5 7h9v6.5h-9zM5.25 7V5a2.75 2.75 0 0 1 5.5 0v2M8 9.5v1.75',
  plus: 'M8 3v10M3 8h10',
  copy: 'M5.75 5.75h7.5v7.5h-7.5zM10.25 5.5V2.75h-7.5v7.5H5.5',
  check: 'M3 8.5 6.5 12 13 4.5',
  close: 'M3.75 3.75l8.5 8.5M12.25 3.75l-8.5 8.5',
  back: 'M13 8H3.25M7 4.25 3.25 8 7 11.75',
  up: 'M8 13V3.25M4.25 7 8 3.25 11.75 7',
  next: 'M6 3.5 10.5 8 6 12.5',
  sun: 'M8 5.25a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5M8 1.25v1.25M8 13.5v1.25M1.25 8H2.5M13.5 8h1.25M3.25 3.25l.9.9M11.85 11.85l.9.9M3.25 12.75l.9-.9M11.85 4.15l.9-.9',
  moon: 'M13.25 9.75A5.75 5.75 0 0 1 6.25 2.75a5.75 5.75 0 1 0 7 7',
  system: 'M2 3h12v8H2zM5.5 13.75h5M8 11v2.75',
  out: 'M6.25 2.5H2.75v11h3.5M7 8h6.75M11 5.25 13.75 8 11 10.75',
  book: 'M8 4.25C6.75 3 4.75 2.75 2.25 2.75v9.5c2.5 0 4.5.25 5.75 1.5 1.25-1.25 3.25-1.5 5.75-1.5v-9.5C11.25 2.75 9.25 3 8 4.25v9.5',
  swap: 'M3 5.5h10M10.5 3 13 5.5 10.5 8M13 10.5H3M5.5 8 3 10.5 5.5 13',
  alert: 'M8 2 14.5 13.5h-13zM8 6.5v3M8 11.5h.01',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M4.75 3v10L12.5 8z',
  send: 'M14 2 7 9M14 2 9.75 14 7 9 2 6.25z',
  shield: 'M8 1.75 13 3.5V8c0 3-2 5.25-5 6.25C5 13.25 3 11 3 8V3.5zM5.75 8l1.75 1.75L10.5 6.5',
  trash: 'M2.75 4.25h10.5M6 4V2.5h4V4M4 4.25l.6 9.25h6.8l.6-9.25M6.75 7v4M9.25 7v4',
  edit: 'M10.75 2.75 13.25 5.25 5.5 13H3v-2.5zM9 4.5 11.5 7',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  external: 'M6.5 3H3v10h10V9.5M9.25 2.75h4v4M13 3 7.5 8.5',
  search: 'M7 2.25a4.75 4.75 0 1 1 0 9.5 4.75 4.75 0 0 1 0-9.5M10.5 10.5l3.25 3.25',
  clock: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M8 4.75V8l2.25 1.5',
} as const

export type IconName = keyof typeof drawings

/** A decorative icon. A control that shows only an icon needs an `aria-label`. */
export const Icon = ({ name }: { name: IconName }) =>
  html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d=${drawings[name]} /></svg>`
