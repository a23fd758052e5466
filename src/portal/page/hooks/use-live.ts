import { useEffect, useRef, useState } from 'preact/hooks'
import { followDeliveries } from '../api/live.ts'
import type { Delivery } from '../api/shapes.ts'

interface Live {
  /** Of this subscription alone. */
  readonly subscriptionId?: string
  readonly onDelivery: (delivery: Delivery) => void
  /** The stream is back after it was broken off: what changed meanwhile is in the list. */
  readonly onReturn?: () => void
  /** False: nothing is followed, e.g. since the token may not. */
  readonly isWanted?: boolean
}

/** Follows deliveries while it is shown; answers whether the stream is open. */
export const useLive = ({ subscriptionId, onDelivery, onReturn, isWanted = true }: Live): boolean => {
  const [isLive, setLive] = useState(false)
  const told = useRef({ onDelivery, onReturn })
  told.current = { onDelivery, onReturn }
  useEffect(() => {
    if (!isWanted) return undefined
    const controller = new AbortController()
    let wasLive = false
    void followDeliveries({
      subscriptionId,
      signal: controller.signal,
      onDelivery: delivery => told.current.onDelivery(delivery),
      onState: next => {
        if (controller.signal.aborted) return
        if (next && wasLive) told.current.onReturn?.()
        wasLive ||= next
        setLive(next)
      },
    })
    return () => controller.abort()
  }, [subscriptionId, isWanted])
  return isLive
}
