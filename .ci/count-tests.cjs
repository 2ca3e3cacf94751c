const { readFileSync } = require('node:fs')

const results = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const skipped = results.testResults
  .flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })))
  .filter((test) => test.status !== 'passed' && test.status !== 'failed')
for (const test of skipped) console.log(`skipped: ${test.file}: ${test.fullName}`)
console.log(`${results.numPassedTests} passed, ${results.numFailedTests} failed`)
if (!results.success || results.numPassedTests === 0 || skipped.length > 0) process.exit(1)
