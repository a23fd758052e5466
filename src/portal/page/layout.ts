import { useEffect } from 'preact/hooks'
import type { Me, Tenant } from './api/shapes.ts'
import { html } from './html.ts'
import { EmptyState } from './parts/empty-state.ts'
import { Icon } from './parts/icon.ts'
import { Mark } from './parts/mark.ts'
import { PageFrame } from './parts/page-frame.ts'
import { Toasts } from './parts/toast.ts'
import { linkTo, place, replacePlace } from './router.ts'
import { type Route, routeOf, routes } from './routes.ts'
import { leaveTenant, signOut } from './session/session.ts'
import { may } from './session/session-state.ts'
import { ThemeSwitch } from './theme/theme-switch.ts'

/** The page of a signed-in person: the navigation, and the view that the address names. */
export const Layout = ({ me, tenant }: { me: Me; tenant: Tenant }) => {
  const { path } = place.value
  const allowed = routes.filter(({ scope }) => may(scope))
  const home = allowed.find(({ nav }) => nav !== undefined)?.path
  const found = routeOf(path)
  useEffect(() => {
    if (path === '/' && home !== undefined) replacePlace(home)
    scrollTo(0, 0)
    // On a phone the navigation is one line, which scrolls sideways.
    document.querySelector('.side nav [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [path])
  return html`<div class="layout">
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <aside class="side">
      <div class="side-head">
        <a class="brand" href=${linkTo('/')}><${Mark} /><span>Doorbell</span></a>
        <${TenantName} me=${me} tenant=${tenant} />
      </div>
      <nav aria-label="Main">
        <ul>
          ${allowed.map(route => route.nav && html`<${NavEntry} key=${route.path} route=${route} path=${path} />`)}
        </ul>
      </nav>
      <div class="side-foot">
        <a class="side-link" href="/docs" target="_blank" rel="noopener"><${Icon} name="book" />API reference</a>
        <button type="button" class="side-link" onClick=${() => signOut()}><${Icon} name="out" />Sign out</button>
        <${ThemeSwitch} />
      </div>
    </aside>
    <main id="main" tabindex="-1">
      ${
        found === null || !may(found.route.scope)
          ? html`<${NotFound} isHome=${path === '/'} hasHome=${home !== undefined} />`
          : html`<${found.route.view} key=${path} params=${found.params} />`
      }
    </main>
    <${Toasts} />
  </div>`
}

/** The router uses the part of the address after `#`, so an ordinary anchor would leave the view. */
const skip = (event: Event): void => {
  event.preventDefault()
  document.querySelector<HTMLElement>('#main')?.focus()
}

const TenantName = ({ me, tenant }: { me: Me; tenant: Tenant }) =>
  me.role === 'operator'
    ? html`<button
        type="button"
        class="tenant"
        aria-label=${`Tenant ${tenant.name}. Choose another tenant`}
        onClick=${leaveTenant}
      >
        <span>${tenant.name}</span><${Icon} name="swap" />
      </button>`
    : html`<p class="tenant"><span>${tenant.name}</span></p>`

const NavEntry = ({ route: { path, nav }, path: current }: { route: Route; path: string }) => {
  const isCurrent = current === path || current.startsWith(`${path}/`)
  return (
    nav &&
    html`<li>
      <a href=${linkTo(path)} aria-current=${isCurrent ? 'page' : undefined}
        ><${Icon} name=${nav.icon} />${nav.label}</a
      >
    </li>`
  )
}

const NotFound = ({ isHome, hasHome }: { isHome: boolean; hasHome: boolean }) => {
  if (isHome && hasHome) return null
  return hasHome
    ? html`<${PageFrame} title="Page not found">
        <${EmptyState}
          title="There is no page at this address"
          actions=${html`<a class="button" href=${linkTo('/')}>Go to the first page</a>`}
        >
          The address may be mistyped, or your token may not have access to it.
        <//>
      <//>`
    : html`<${PageFrame} title="Nothing to show">
        <${EmptyState} title="This token has access to no page">
          It is for something else, such as publishing events. Ask for a token with <code>subscriptions:read</code> or
          <code>deliveries:read</code>.
        <//>
      <//>`
}
