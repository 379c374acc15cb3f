// One row of a table, drawn apart from the others: scrolling makes the rows that come into view and leaves alone those that stay.
import { defineComponent, h, type PropType, type Slots } from 'vue'
import AppCheckbox from './AppCheckbox.vue'
import type { TableColumn } from './table'

/** How the cells of a column stand: the same in every row. */
export interface CellPlace<Row> {
  readonly column: TableColumn<Row>
  readonly look: string
  readonly pin: { readonly left: string | undefined } | undefined
}

const textOf = (column: TableColumn<never>, row: unknown) =>
  column.text ? column.text(row as never) : (column.value?.(row as never) ?? '–')

export const TableRow = defineComponent({
  name: 'TableRow',
  props: {
    row: { type: null as unknown as PropType<unknown>, required: true },
    name: { type: String, required: true },
    places: { type: Array as unknown as PropType<readonly CellPlace<never>[]>, required: true },
    /** The table's own: `cell-<column id>` gets `{row}`. */
    slots: { type: Object as PropType<Slots>, required: true },
    selectable: Boolean,
    selected: Boolean,
    pinned: Boolean
  },
  emits: { select: (_event: MouseEvent) => true, open: (_event: MouseEvent) => true },
  setup: (props, { emit }) => {
    /** Before the box hears of it: what is ticked is the table's to say. */
    const onTick = (event: MouseEvent) => {
      event.preventDefault()
      event.stopPropagation()
      emit('select', event)
    }
    return () =>
      h(
        'div',
        { role: 'row', class: `line row-line${props.selected ? ' selected' : ''}`, onClick: (event: MouseEvent) => emit('open', event) },
        [
          props.selectable
            ? h('div', { role: 'cell', class: ['cell tick', { 'pin-start': props.pinned }], onClickCapture: onTick }, [
                h(AppCheckbox, { modelValue: props.selected, label: `Select ${props.name}`, hideLabel: true })
              ])
            : null,
          ...props.places.map(({ column, look, pin }) =>
            h(
              'div',
              { key: column.id, role: 'cell', class: `cell ${look}`, style: pin },
              props.slots[`cell-${column.id}`]?.({ row: props.row }) ?? [
                h('span', { class: 'one-line' }, String(textOf(column, props.row)))
              ]
            )
          )
        ]
      )
  }
})
