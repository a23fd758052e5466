import { useEffect } from 'preact/hooks'

/** Makes the browser ask before the tab is closed, e.g. while a form has unsaved changes. */
export const useLeaveGuard = (isWanted: boolean): void => {
  useEffect(() => {
    if (!isWanted) return undefined
    const ask = (event: Event) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isWanted])
}
