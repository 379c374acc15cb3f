import type { Plugin } from 'vite'

export function noteBundledPackages(target: string): Plugin
