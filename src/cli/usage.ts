export const usage = `Usage: errand <command> [options]

  errand worker <module>      Take runs from the broker until SIGTERM or SIGINT.
                              <module> is the file that exports your errand, with its tasks defined.
    --concurrency N           runs at once (10)
    --queues a,b              only these queues (all)
    --grace 10s               how long runs may go on after SIGTERM before they are handed
                              back; a second signal hands them back at once
    --health-port 9090        serve /healthz, /readyz and, with prom-client, /metrics
  errand migrate <app>        Bring the database's schema up to date.

  errand list <app>           Show runs, newest first.
    --state S --task T --owner O --name PART --search WORDS
    --limit N --before ID     a page of N (20), older than a run
    --parent ID               the parts of linked runs
  errand show <app> <run>     Show all of one run.
  errand watch <app> <run>    Show a run until it has ended: status 0 when it succeeded, else 1.
  errand cancel <app> <run>…  Ask runs to stop.
  errand rerun <module> <run> Start the same again. Prints the new run's id.
  errand purge <module>       Delete what ended long ago, with its files.
    --older-than 30d

  <app> is a module, or a database's address such as file:./errand.sqlite.
  --json                      with every command: answers for programs
  errand --help               Show this text.

Status: 0 well, 1 failed, 2 called wrongly.
`;
