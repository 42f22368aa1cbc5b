package memory_test

import (
	"testing"

	"lantern/internal/store"
	"lantern/internal/store/memory"
	"lantern/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Harness{
		Place: func(*testing.T) func() (store.Engine, error) {
			place := memory.NewPlace()
			return func() (store.Engine, error) { return place.Open(), nil }
		},
		Documents: 70,
		Writers:   200,
		Steps:     30,
	})
}
