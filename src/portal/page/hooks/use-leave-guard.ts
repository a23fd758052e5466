import { useEffect } from 'preact/hooks'

/** Lets the browser ask before its tab is closed while something would be lost by it. */
export const useLeaveGuard = (isWanted: boolean): void => {
  useEffect(() => {
    if (!isWanted) return undefined
    const ask = (event: Event) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isWanted])
}
