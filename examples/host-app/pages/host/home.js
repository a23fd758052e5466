import { Avatar } from '../avatar.js'
import { html, useState } from '../htm-preact.js'
import { AlertsView } from './alerts-view.js'
import { CancelDialog } from './cancel-dialog.js'
import { ContactsView } from './contacts-view.js'
import { icons } from './icons.js'
import { InviteDialog } from './invite-dialog.js'
import { Toasts } from './toasts.js'
import { useHome } from './use-home.js'
import { VisitsView } from './visits-view.js'

/** The three views of a host who is logged in. A phone shows one at a time. */
export const Home = ({ me, onLeft }) => {
  const { home, toasts, connected, problem, putVisit, dismiss, markRead, logOut } = useHome(me, onLeft)
  const [view, setView] = useState('visits')
  const [inviting, setInviting] = useState(null)
  const [cancelling, setCancelling] = useState(null)
  const open = wanted => {
    setView(wanted)
    scrollTo(0, 0)
  }
  const chooseContact = () => {
    open('contacts')
    requestAnimationFrame(() => document.querySelector('.view.contacts .search')?.focus())
  }

  if (home === null)
    return html`<main class="welcome" aria-busy="true">
      ${problem === '' ? html`<p class="soft">One moment …</p>` : html`<p class="alarm" role="alert">${problem}</p>`}
    </main>`
  const unread = home.notifications.filter(one => !one.read).length
  return html`
    <header class="bar">
      <img src="/icon.svg" alt="" />
      <h1 class="name">Arrivals</h1>
      <${Avatar} name=${me.name} />
      <span class="small me">${me.name}</span>
      <button type="button" class="button quiet small" onClick=${logOut}>Log out</button>
    </header>
    ${!connected && html`<p class="offline" role="status">Connection lost. Reconnecting…</p>`}
    ${problem !== '' && html`<p class="alarm" role="alert">${problem}</p>`}
    <main class="views">
      <${VisitsView}
        visits=${home.visits}
        open=${view === 'visits'}
        onCancel=${setCancelling}
        onInvite=${chooseContact}
      />
      <${AlertsView}
        notifications=${home.notifications}
        unread=${unread}
        open=${view === 'alerts'}
        onRead=${markRead}
      />
      <${ContactsView} contacts=${home.contacts} open=${view === 'contacts'} onInvite=${setInviting} />
    </main>
    <${Navigation} view=${view} unread=${unread} onOpen=${open} />
    <${Toasts} toasts=${toasts} onDismiss=${dismiss} />
    ${
      inviting &&
      html`<${InviteDialog}
        contact=${inviting}
        onClose=${() => setInviting(null)}
        onInvited=${visit => {
          putVisit(visit)
          setInviting(null)
          open('visits')
        }}
      />`
    }
    ${
      cancelling &&
      html`<${CancelDialog}
        visit=${cancelling}
        onClose=${() => setCancelling(null)}
        onCancelled=${visit => {
          putVisit(visit)
          setCancelling(null)
        }}
      />`
    }
  `
}

const Navigation = ({ view, unread, onOpen }) => {
  const tab = (name, label, icon, count = 0) => html`
    <button type="button" aria-current=${view === name ? 'page' : undefined} onClick=${() => onOpen(name)}>
      <span class="icon">${icon}${count > 0 && html`<span class="count" aria-hidden="true">${count}</span>`}</span>
      ${label}${count > 0 && html`<span class="hidden-label">, ${count} new</span>`}
    </button>
  `
  return html`<nav class="tabs" aria-label="Views">
    ${tab('visits', 'Visits', icons.visits)} ${tab('contacts', 'Contacts', icons.contacts)}
    ${tab('alerts', 'Alerts', icons.bell, unread)}
  </nav>`
}
