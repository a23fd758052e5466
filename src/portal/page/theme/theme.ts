import { signal } from '@preact/signals'

/** Light, dark, or the preference of the operating system. The choice is kept in this browser. */
export type Theme = 'system' | 'light' | 'dark'

const stored = (): Theme => {
  const value = document.documentElement.dataset['theme']
  return value === 'light' || value === 'dark' ? value : 'system'
}

export const theme = signal<Theme>(stored())

export const chooseTheme = (chosen: Theme): void => {
  theme.value = chosen
  document.documentElement.dataset['theme'] = chosen
  localStorage.setItem('doorbell.theme', chosen)
}
