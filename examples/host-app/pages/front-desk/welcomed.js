import { html, useEffect, useRef } from '../htm-preact.js'

const shownForMs = 8_000

/** Confirms the check-in to the visitor, and closes by itself for the next one. */
export const Welcomed = ({ visit, onClose }) => {
  const dialog = useRef(null)
  useEffect(() => {
    const { current } = dialog
    current.showModal()
    const ending = setTimeout(() => onClose(), shownForMs)
    return () => {
      clearTimeout(ending)
      current.close()
    }
  }, [visit.id])
  return html`
    <dialog ref=${dialog} aria-labelledby="welcomed" onClose=${onClose} onClick=${onClose}>
      <div class="inner">
        <span class="tick" aria-hidden="true">
          <svg
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="2.5"
            stroke-linecap="round"
            stroke-linejoin="round"
          >
            <path d="m5 13 4.5 4.5L19 7" />
          </svg>
        </span>
        <h2 id="welcomed">Welcome, ${visit.visitor.firstName}</h2>
        <p class="soft">Please take a seat. We are notifying ${visit.host.name}.</p>
        <p class="badge-number">Badge ${visit.badge}</p>
        <button type="button" class="button first" onClick=${onClose}>Done</button>
      </div>
    </dialog>
  `
}
