package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/civil"
	"lantern/internal/store"
	"lantern/retreats"
)

// sampleRun says when the sample cohorts of a shape begin: on the first such
// weekday at least so many days from today.
type sampleRun struct {
	shape   string
	zone    string
	weekday time.Weekday
	days    []int
}

var sampleRuns = []sampleRun{
	{"weekend", "America/Los_Angeles", time.Friday, []int{40, 96}},
	{"three-days", "America/Los_Angeles", time.Friday, []int{53, 110}},
	{"weekly-group", "America/Los_Angeles", time.Thursday, []int{26}},
	{"clinic-protocol", "America/Los_Angeles", time.Tuesday, []int{19}},
	{"one-at-a-time", "America/Los_Angeles", time.Saturday, []int{33}},
}

// addSamples puts the five shapes of programme on offer, as they are on a day.
// Their ids say what they are, so adding them to a folder that has them adds
// nothing; cohorts of a later day are added beside the earlier ones.
func addSamples(ctx context.Context, service *retreats.Service, today time.Time) error {
	shapes := map[string]retreats.Shape{}
	for _, shape := range retreats.Shapes() {
		shapes[shape.ID] = shape
	}
	for _, run := range sampleRuns {
		shape := shapes[run.shape]
		retreat, err := retreats.NewRetreat(shape.ID, shape.Programme, shape.Terms, shape.Plan)
		if err != nil {
			return fmt.Errorf("sample %s: %w", shape.ID, err)
		}
		if err := service.AddRetreat(ctx, retreat); err != nil && !errors.Is(err, store.ErrExists) {
			return err
		}
		for _, days := range run.days {
			if err := addSampleCohort(ctx, service, retreat, run, days, today); err != nil {
				return fmt.Errorf("sample %s: %w", shape.ID, err)
			}
		}
	}
	return nil
}

func addSampleCohort(ctx context.Context, service *retreats.Service, r *retreats.Retreat, run sampleRun, days int, today time.Time) error {
	zone, err := civil.Zone(run.zone)
	if err != nil {
		return err
	}
	start, now := civil.DateOf(today, zone).AddDays(days), service.Now()
	for start.Weekday() != run.weekday {
		start = start.AddDays(1)
	}
	cohort, err := retreats.NewCohort(r.ID+"-"+string(start), r, run.zone, start, now)
	if err != nil {
		return err
	}
	if err := cohort.Publish(now); err != nil {
		return err
	}
	if err := service.AddCohort(ctx, cohort); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}
