/** The customer's app: hosts log in, invite visitors, cancel visits, and are notified of arrivals. */
import { ask } from '../ask.js'
import { html, render, useEffect, useState } from '../htm-preact.js'
import { Home } from './home.js'
import { Login } from './login.js'

/** Shows the login, or the home of the host who is logged in. */
const App = () => {
  const [hosts, setHosts] = useState(null)
  const [me, setMe] = useState(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    const start = async () => {
      try {
        const answer = await ask('GET', '/api/hosts')
        setHosts(answer.hosts)
        setMe(answer.me)
      } catch (error) {
        setProblem(error.message)
      }
    }
    void start()
  }, [])
  if (problem !== '') return html`<main class="welcome"><p class="alarm" role="alert">${problem}</p></main>`
  if (hosts === null) return html`<main class="welcome" aria-busy="true"><p class="soft">One moment …</p></main>`
  if (me === null) return html`<${Login} hosts=${hosts} onChosen=${setMe} />`
  return html`<${Home} me=${me} onLeft=${() => setMe(null)} />`
}

navigator.serviceWorker?.register('/notifier.js').catch(() => undefined)
render(html`<${App} />`, document.querySelector('#app'))
