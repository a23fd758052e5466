import { render } from 'preact'
import { App } from './app.ts'
import { html } from './html.ts'
import { restore } from './session/session.ts'

const root = document.querySelector('#app')
if (root !== null) {
  root.textContent = ''
  render(html`<${App} />`, root)
  void restore()
}
