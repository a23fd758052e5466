import { ask } from '../ask.js'
import { Avatar } from '../avatar.js'
import { html, useState } from '../htm-preact.js'

/** The login of this example: choosing a name. */
export const Login = ({ hosts, onChosen }) => {
  const [problem, setProblem] = useState('')
  const choose = host =>
    ask('POST', '/api/session', { hostId: host.id }).then(onChosen, error => setProblem(error.message))
  return html`
    <main class="welcome">
      <img src="/icon.svg" alt="" />
      <div>
        <h1>Arrivals</h1>
        <p class="soft">Invite visitors, and be notified when they arrive. Choose your name to log in.</p>
      </div>
      <ul class="cards">
        ${hosts.map(
          host => html`
            <li key=${host.id}>
              <button type="button" class="card" onClick=${() => choose(host)}>
                <${Avatar} name=${host.name} />
                <span class="what">
                  <span class="who">${host.name}</span>
                  <br />
                  <span class="soft small">${host.role}</span>
                </span>
              </button>
            </li>
          `,
        )}
      </ul>
      <p class="alarm" role="alert">${problem}</p>
    </main>
  `
}
