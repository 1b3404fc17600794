// Measures robfig/cron on the cases in a file that bench_schedules writes, and prints what it found as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/robfig/cron/v3"
)

type question struct {
	Start    int64
	Instants []int64
	MinMs    int64 `json:"min_ms"`
	Cases    []struct {
		Name   string
		Robfig *string
		Zone   string
	}
}

type answer struct {
	Chained float64 `json:"chained"`
	Random  float64 `json:"random"`
	Fires   []int64 `json:"fires"`
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "robfig peer:", err)
		os.Exit(1)
	}
}

// Processor time of all threads, the collector's included.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	fail(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Nanoseconds of one call.
func measure(least time.Duration, call func()) float64 {
	call()
	for calls := 16; ; calls *= 2 {
		begin := cpuTime()
		for i := 0; i < calls; i++ {
			call()
		}
		if used := cpuTime() - begin; used >= least {
			return float64(used.Nanoseconds()) / float64(calls)
		}
	}
}

type once struct{ at time.Time }

func (o once) Next(after time.Time) time.Time {
	if after.Before(o.at) {
		return o.at
	}
	return o.at.AddDate(1, 0, 0)
}

// So many entries due at one instant, each of which only counts itself. Prints how many run a second.
func burst(count int64) {
	runner := cron.New()
	due := time.Now().Truncate(time.Second).Add(time.Duration(3+count/200000) * time.Second)
	left := count
	done := make(chan struct{})
	for i := int64(0); i < count; i++ {
		runner.Schedule(once{due}, cron.FuncJob(func() {
			if atomic.AddInt64(&left, -1) == 0 {
				close(done)
			}
		}))
	}
	runner.Start()
	<-done
	fmt.Println(float64(count) / time.Since(due).Seconds())
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "burst" {
		count, err := strconv.ParseInt(os.Args[2], 10, 64)
		fail(err)
		burst(count)
		return
	}
	text, err := os.ReadFile(os.Args[1])
	fail(err)
	var asked question
	fail(json.Unmarshal(text, &asked))
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	answers := map[string]answer{}
	for _, c := range asked.Cases {
		if c.Robfig == nil {
			continue
		}
		zone, err := time.LoadLocation(c.Zone)
		fail(err)
		schedule, err := parser.Parse("CRON_TZ=" + c.Zone + " " + *c.Robfig)
		fail(err)
		start := time.Unix(asked.Start, 0).In(zone)
		instants := make([]time.Time, len(asked.Instants))
		for i, at := range asked.Instants {
			instants[i] = time.Unix(at, 0).In(zone)
		}
		found := answer{Fires: []int64{}}
		for at := schedule.Next(start); !at.IsZero() && len(found.Fires) < 5; at = schedule.Next(at) {
			found.Fires = append(found.Fires, at.Unix())
		}
		least := time.Duration(asked.MinMs) * time.Millisecond
		at := start
		found.Chained = measure(least, func() {
			if at = schedule.Next(at); at.IsZero() {
				at = start
			}
		})
		i := 0
		found.Random = measure(least, func() {
			schedule.Next(instants[i%len(instants)])
			i++
		})
		answers[c.Name] = found
	}
	fail(json.NewEncoder(os.Stdout).Encode(map[string]any{"robfig/cron 3.0.1": answers}))
}
