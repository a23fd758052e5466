import { Avatar } from '../avatar.js'
import { html, useState } from '../htm-preact.js'
import { plain } from '../words.js'

/** The people whom a host can invite. */
export const ContactsView = ({ contacts, open, onInvite }) => {
  const [text, setText] = useState('')
  const found = contacts.filter(({ firstName, lastName, company }) =>
    plain(`${firstName} ${lastName} ${company}`).includes(plain(text)),
  )
  return html`
    <section class="view contacts" data-open=${String(open)} aria-labelledby="contacts-title">
      <header><h2 class="title" id="contacts-title">Contacts</h2></header>
      <input
        class="search"
        type="search"
        placeholder="Search by name or company"
        aria-label="Search contacts"
        value=${text}
        onInput=${event => setText(event.target.value)}
      />
      <ul class="cards">
        ${found.map(contact => {
          const name = `${contact.firstName} ${contact.lastName}`
          return html`
            <li class="card" key=${contact.id}>
              <${Avatar} name=${name} />
              <div class="what">
                <p class="who">${name}</p>
                <p class="soft small">${contact.company}</p>
              </div>
              <button type="button" class="button" aria-label=${`Invite ${name}`} onClick=${() => onInvite(contact)}>
                Invite
              </button>
            </li>
          `
        })}
      </ul>
      ${found.length === 0 && html`<p class="empty">No contact matches “${text}”.</p>`}
    </section>
  `
}
