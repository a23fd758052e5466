import { html, useEffect, useRef } from '../htm-preact.js'

/** A modal dialog, which is open as long as it is rendered. */
export const Modal = ({ title, onClose, children }) => {
  const dialog = useRef(null)
  useEffect(() => {
    const { current } = dialog
    current.showModal()
    return () => current.close()
  }, [])
  return html`
    <dialog
      ref=${dialog}
      aria-label=${title}
      onCancel=${event => {
        event.preventDefault()
        onClose()
      }}
      onClick=${event => event.target === dialog.current && onClose()}
    >
      ${children}
    </dialog>
  `
}
