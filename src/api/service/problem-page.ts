import type { FailureCode } from '../../domain/failure.ts'
import { problemKinds } from '../http/problem-kinds.ts'

/** The page behind a problem’s `type`. Nothing in it comes from the request. */
export const problemPage = (code: FailureCode): string => {
  const { status, title, remedy } = problemKinds[code]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · Doorbell</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>${title}</h1>
<p>Status ${status}, code <code>${code}</code>.</p>
<p>${remedy.replaceAll('`', '')}</p>
<p>The problem’s <code>detail</code> describes your case. Its <code>traceId</code> helps the operator to find the request.</p>
</html>
`
}
