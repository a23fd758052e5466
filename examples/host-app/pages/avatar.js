import { html } from './htm-preact.js'

/** A circle with a person's initials, in a colour that depends on the name. */
export const Avatar = ({ name }) =>
  html`<span class="avatar" style=${{ '--hue': hueOf(name) }} aria-hidden="true">${initialsOf(name)}</span>`

const initialsOf = name =>
  name
    .split(' ')
    .map(part => part[0])
    .filter(letter => /\p{L}/u.test(letter))
    .slice(0, 2)
    .join('')

const hueOf = name => [...name].reduce((hue, letter) => (hue * 31 + letter.codePointAt(0)) % 360, 7)
