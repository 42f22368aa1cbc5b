package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// keptBookings is how many bookings are backed up and started with.
const keptBookings = 100_000

// measureKeeping backs up, restores and starts a service with many bookings. The
// reference of a backup is compressing the same lines and writing them to the
// disk.
func measureKeeping(ctx context.Context, program string, rounds int) (err error) {
	r, dir, err := newRecords(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := errors.Join(r.addCouples(ctx, keptBookings), r.db.Close()); err != nil {
		return err
	}
	var backups, works, references, restores, starts []float64
	size := 0.0
	for range max(1, rounds/3) {
		file := filepath.Join(dir, "file")
		worked := 0.0
		seconds, err := timed(func() (err error) {
			worked, err = runProgram(ctx, program, "backup", "--force", "--data", dir, file)
			return err
		})
		if err != nil {
			return err
		}
		lines, err := unpack(file)
		if err != nil {
			return err
		}
		size = float64(len(lines)) / 1e6
		reference, err := timed(func() error { return pack(filepath.Join(dir, "reference"), lines) })
		if err != nil {
			return err
		}
		restored, err := restoreInto(ctx, program, dir, file)
		if err != nil {
			return err
		}
		start, err := startTime(ctx, program, dir)
		if err != nil {
			return err
		}
		backups, references = append(backups, size/seconds), append(references, size/reference)
		works = append(works, size/worked)
		restores, starts = append(restores, size/restored), append(starts, 1000*start)
	}
	note("backup", fmt.Sprintf("%d bookings, %.0f MB as JSON", keptBookings, size))
	figure("backup_mb_per_s", median(backups), "MB/s")
	figure("backup_mb_per_cpu_s", median(works), "MB/s")
	figure("backup_vs_gzip_ratio", ratio(backups, references), "ratio")
	figure("restore_mb_per_s", median(restores), "MB/s")
	figure("start_ms", median(starts), "ms")
	return nil
}

// addCouples adds cohorts with so many couples in all, each with its deposit.
func (r *records) addCouples(ctx context.Context, bookings int) error {
	like, err := r.couple(ctx)
	if err != nil {
		return err
	}
	at := clock()
	return fill(bookings/couplesPerCohort, func(i int) error {
		c, err := cohortOf(fmt.Sprint("kept", i), layout{capacity: couplesPerCohort, confirmed: couplesPerCohort}, at)
		if err != nil {
			return err
		}
		for couple := range couplesPerCohort {
			if err := r.addBooking(ctx, like, c, couple); err != nil {
				return err
			}
		}
		return r.retreats.AddCohort(ctx, c)
	})
}

func timed(do func() error) (seconds float64, err error) {
	begun := time.Now()
	err = do()
	return time.Since(begun).Seconds(), err
}

// runProgram runs the program to its end and says how long its processors have
// worked, which does not hang on what else the machine does.
func runProgram(ctx context.Context, program string, args ...string) (worked float64, err error) {
	command := exec.CommandContext(ctx, program, args...)
	out, err := command.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", args[0], err, out)
	}
	return (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds(), nil
}

func unpack(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}

func pack(path string, lines []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = out.Write(lines)
	return errors.Join(err, out.Close(), f.Sync(), f.Close())
}

// restoreInto restores the file into a new folder with the secret of another.
func restoreInto(ctx context.Context, program, old, file string) (seconds float64, err error) {
	dir, err := os.MkdirTemp("", "lantern-bench-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	secret, err := os.ReadFile(filepath.Join(old, "secret"))
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), secret, 0o600); err != nil {
		return 0, err
	}
	return timed(func() error {
		_, err := runProgram(ctx, program, "restore", "--data", dir, file)
		return err
	})
}

// startTime is how long the program takes from its start until it is ready.
func startTime(ctx context.Context, program, dir string) (seconds float64, err error) {
	address, err := freeAddress()
	if err != nil {
		return 0, err
	}
	s := &server{url: "http://" + address, data: dir, command: exec.Command(program, "serve", "--addr", address, "--data", dir)}
	seconds, err = timed(func() error {
		if err := s.command.Start(); err != nil {
			return err
		}
		for ctx.Err() == nil {
			if response, err := http.Get(s.url + "/readyz"); err == nil {
				response.Body.Close()
				if response.StatusCode == http.StatusOK {
					return nil
				}
			}
			time.Sleep(time.Millisecond)
		}
		return ctx.Err()
	})
	return seconds, errors.Join(err, s.kill())
}
