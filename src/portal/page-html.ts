/** What the HTML of the page contains. */
export interface PageParts {
  /** The `iss` of Doorbell’s signatures, for the snippets that verify them. */
  readonly issuer: string
  /** The address below which the page’s own files are. */
  readonly base: string
  /** The import map as JSON: the policy contains the hash of exactly this text. */
  readonly map: string
  readonly styles: readonly string[]
  /** Modules to load at once. Without the list a browser would find them one import after another. */
  readonly modules: readonly string[]
}

export const pageHtml = ({ issuer, base, map, styles, modules }: PageParts): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="doorbell-issuer" content="${issuer.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">
<title>Doorbell</title>
<link rel="icon" type="image/svg+xml" href="${base}/mark.svg">
<script src="${base}/theme/first-theme.ts"></script>
<script type="importmap">${map}</script>
${styles.map(href => `<link rel="stylesheet" href="${href}">`).join('\n')}
${modules.map(href => `<link rel="modulepreload" href="${href}">`).join('\n')}
<div id="app"><p class="starting">Doorbell</p></div>
<noscript><p class="starting">This page needs JavaScript. You can do the same with the <a href="/docs">API</a>.</p></noscript>
<script type="module" src="${base}/render.ts"></script>
</html>
`
