package sandbox

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	apiv1 "cloud.google.com/go/firestore/apiv1"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// day is the company's day in tests, long past.
var day = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

// small is a sandbox with a small company.
var small = Config{Seed: 7, Date: day, Users: 300, Meetings: 80}

// empty is a sandbox without a company.
var empty = Config{Users: -1, Meetings: -1}

func open(t testing.TB, c Config) *Sandbox {
	t.Helper()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// dial are the options of a real client for addr.
func dial(addr string) []option.ClientOption {
	return []option.ClientOption{
		option.WithEndpoint(addr),
		option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithGRPCDialOption(grpc.WithPerRPCCredentials(owner{})),
	}
}

// owner is what Google's emulator takes for an administrator.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}

func (owner) RequireTransportSecurity() bool { return false }

func client(t testing.TB, addr, project string) *firestore.Client {
	t.Helper()
	c, err := firestore.NewClient(context.Background(), project, dial(addr)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func lowClient(t testing.TB, addr string) *apiv1.Client {
	t.Helper()
	c, err := apiv1.NewClient(context.Background(), dial(addr)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestClientReadsTheWholeCompanyInPages(t *testing.T) {
	s := open(t, small)
	c := client(t, s.Addr(), s.Project())
	var ids []string
	q := c.Collection(userCollection).OrderBy(firestore.DocumentID, firestore.Asc).Limit(70)
	for {
		page, err := q.Documents(t.Context()).GetAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, d := range page {
			if len(ids) > 0 && d.Ref.ID <= ids[len(ids)-1] {
				t.Fatalf("%s follows %s", d.Ref.ID, ids[len(ids)-1])
			}
			ids = append(ids, d.Ref.ID)
		}
		q = q.StartAfter(page[len(page)-1].Ref)
	}
	if len(ids) != 300 {
		t.Errorf("read %d users, want 300", len(ids))
	}
	if st := s.Stats(); st.Billed != 301 || st.Returned != 300 || st.Requests["RunQuery"] != 6 {
		t.Errorf("stats = %+v, want 300 documents and one empty page in 6 queries", st)
	}
}
