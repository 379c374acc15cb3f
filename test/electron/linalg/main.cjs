// A main process without windows: forks the suite named by its arguments as a utility process and prints what that reports as one line of JSON.
const { app, utilityProcess } = require('electron')

const [suite, backend] = process.argv.slice(-2)
app.whenReady().then(() => {
  const child = utilityProcess.fork(suite, [backend], { stdio: 'inherit' })
  let reported = false
  child.on('message', (message) => {
    reported = true
    process.stdout.write(`\nRESULT ${JSON.stringify(message)}\n`, () => app.exit(0))
  })
  child.on('exit', (code) => {
    if (!reported)
      process.stdout.write(`\nRESULT ${JSON.stringify({ cases: 0, failures: [`the utility process ended with ${code}`] })}\n`, () =>
        app.exit(1)
      )
  })
})
