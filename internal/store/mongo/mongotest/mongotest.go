// Package mongotest gives tests a server of MongoDB's protocol: the one that
// MONGODB_URI names, else the FerretDB of internal/store/ferret.
package mongotest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// Variable names the environment variable with the URI of a server to test on.
// Tests use databases of their own there and drop them.
const Variable = "MONGODB_URI"

// Server is a running server.
type Server struct {
	uri string
	// Embedded says that it is FerretDB, which is slow.
	Embedded bool
}

// Start returns the server that MONGODB_URI names, else a FerretDB that ends
// with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	if uri := os.Getenv(Variable); uri != "" {
		return &Server{uri: uri}
	}
	return &Server{uri: StartFerret(t).URI(), Embedded: true}
}

// Database returns the URI of a fresh database, which is dropped when the test
// ends.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "lantern_test_" + strings.ToLower(rand.Text())
	uri := withDatabase(s.uri, name)
	if s.Embedded {
		return uri // its data goes with it
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri))
		if err != nil {
			t.Errorf("connecting to drop the test's database: %v", err)
			return
		}
		if err := client.Database(name).Drop(ctx); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
		if err := client.Disconnect(ctx); err != nil {
			t.Errorf("disconnecting: %v", err)
		}
	})
	return uri
}

// withDatabase puts the name into the URI's path. Who signs in does so where
// the URI said, which is in its database unless authSource says otherwise.
func withDatabase(uri, name string) string {
	scheme, rest, _ := strings.Cut(uri, "://")
	rest, query, _ := strings.Cut(rest, "?")
	hosts, database, _ := strings.Cut(rest, "/")
	if strings.Contains(hosts, "@") && !strings.Contains(query, "authSource=") {
		if database == "" {
			database = "admin"
		}
		query = strings.TrimPrefix(query+"&authSource="+database, "&")
	}
	if query != "" {
		query = "?" + query
	}
	return scheme + "://" + hosts + "/" + name + query
}
