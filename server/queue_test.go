package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

// ever is a continuous flow that nobody starts: what a test puts into it stays.
const ever = `{"weir": 1, "id": "ever", "mode": "continuous",
 "nodes": {"gen": {"kind": "GenerateFlowFile", "settings": {"text": "x"}, "discard": true}, "log": {"kind": "LogAttribute", "terminate": ["success", "failure"]}},
 "connections": {"gen-log": {"from": "gen", "output": "success", "to": "log"}}}`

const everQueue = "/flows/ever/connections/gen-log/queue"

// opened is a server behind its control socket, with the flow ever.
type opened struct {
	*Server
	c    *web.Client
	http *http.Client
	t    *testing.T
}

func openEver(t *testing.T, dir string) *opened {
	t.Helper()
	s := open(t, Config{Data: dir, Control: true})
	h, held := HeldBy(dir)
	if !held {
		t.Fatal("no socket")
	}
	o := &opened{Server: s, c: web.DialSocket(h.Socket), t: t}
	o.http = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", h.Socket)
	}}}
	t.Cleanup(o.http.CloseIdleConnections)
	return o
}

// content stores bytes.
func (o *opened) content(text string) flowfile.Claim {
	o.t.Helper()
	c, err := o.store.Content().Append(o.t.Context(), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// put lays FlowFiles on the connection of ever.
func (o *opened) put(files ...*flowfile.FlowFile) {
	o.t.Helper()
	d := &flowfile.Delivery{Flow: "ever", Node: "gen", Schemas: map[string][]byte{}}
	for _, f := range files {
		f.ID = o.store.NewID()
		d.Put = append(d.Put, flowfile.Put{Conn: "gen-log", FlowFile: f})
		d.Events = append(d.Events, flowfile.Event{Type: flowfile.EventCreate, ID: f.ID, Node: "gen", Time: time.Now()})
		if f.Attr(flowfile.SchemaAttr) == people.Hash() {
			d.Schemas[people.Hash()] = []byte(people.String())
		}
	}
	if _, err := o.store.Commit(o.t.Context(), d); err != nil {
		o.t.Fatal(err)
	}
}

func lots(n int, attrs ...string) []*flowfile.FlowFile {
	out := make([]*flowfile.FlowFile, n)
	for i := range out {
		a := flowfile.Attrs{}.With("i", fmt.Sprint(i))
		for j := 0; j < len(attrs); j += 2 {
			a = a.With(attrs[j], attrs[j+1])
		}
		out[i] = &flowfile.FlowFile{Rows: 1, Attrs: a, Content: flowfile.Inline([]byte("x"))}
	}
	return out
}

// get asks for a path with headers and returns the answer and its body.
func (o *opened) get(path string, headers ...string) (*http.Response, string) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), "GET", "http://weir/api/v1"+path, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return resp, string(b)
}

var people = record.MustSchema("이름", "string", "big", "int64", "price", "decimal(20,2)", "at", "timestamp", "tags", "list<string>")

func person(i int) string {
	name := fmt.Sprintf(`"김철수 %d"`, i)
	if i%10 == 9 {
		name = "null"
	}
	return fmt.Sprintf(`{"이름":%s,"big":"%d","price":"%d.50","at":"2026-11-21T05:06:%02d.000000Z","tags":["가","나"]}`+"\n", name, int64(9007199254740993)+int64(i), i, i%60)
}

func (o *opened) people(n int) *flowfile.FlowFile {
	o.t.Helper()
	var b strings.Builder
	for i := range n {
		b.WriteString(person(i))
	}
	return &flowfile.FlowFile{Rows: int64(n), Content: o.content(b.String()), Attrs: flowfile.AttrsOf(map[string]string{
		flowfile.MimeAttr: flowfile.NDJSON, flowfile.SchemaAttr: people.Hash(), "filename": "사람들.ndjson"})}
}

func TestAQueueIsListedWhileItMoves(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	rng := rand.New(rand.NewPCG(8, 8))
	o.put(lots(700, "parity", "odd", "name", "서울 특별시")...)
	must, stays := map[string]bool{}, map[string]bool{}
	first, err := o.store.Peek("ever", 0, "gen-log", 0, store.Place{}, 1000)
	if err != nil || len(first) != 700 {
		t.Fatal(len(first), err)
	}
	for _, q := range first {
		must[q.FlowFile.ID.String()] = true
	}
	v := o.store.Queues("ever", 0, 0)
	for after, page := "", 0; ; page++ {
		p := call[QueuePage](t, o.c, "GET", fmt.Sprintf("%s?limit=%d&after=%s", everQueue, 1+rng.IntN(60), after), nil)
		for _, q := range p.Items {
			if stays[q.ID] {
				t.Fatalf("FlowFile %s came twice", q.ID)
			}
			stays[q.ID] = true
			if q.Attributes["name"] != "서울 특별시" || q.Rows != 1 {
				t.Fatalf("item: %+v", q)
			}
		}
		if p.Next == "" != !p.More {
			t.Fatalf("page: %+v", p)
		}
		if !p.More {
			break
		}
		after = p.Next
		o.put(lots(rng.IntN(20), "name", "서울 특별시")...)
		items, err := v.Take([]string{"gen-log"}, rng.IntN(10)) // from the head, which was listed
		if err != nil {
			t.Fatal(err)
		}
		d := &flowfile.Delivery{Flow: "ever", Node: "log"}
		for _, it := range items {
			delete(must, it.FlowFile.ID.String())
			d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Filtered})
		}
		if _, err := o.store.Commit(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	for id := range must {
		if !stays[id] {
			t.Errorf("FlowFile %s stayed and was missed", id)
		}
	}
	if len(must) == 0 || len(must) == 700 {
		t.Errorf("%d of 700 stayed: the queue did not move", len(must))
	}
}

func TestAQueueIsFilteredInBoundedSteps(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	o.put(lots(queueScan+500, "long", strings.Repeat("한", 300))...)
	o.put(lots(3, "도시", "서울")...)
	for q, want := range map[string]int{"도시=서울": 3, "도시~울": 3, "서울": 3, "i=7": 1, "도시=부산": 0, "LONG": queueScan + 500} {
		n, steps := 0, 0
		for after := ""; ; steps++ {
			p := call[QueuePage](t, o.c, "GET", everQueue+"?limit=500&q="+url.QueryEscape(q)+"&after="+after, nil)
			if n += len(p.Items); p.Scanned > queueScan {
				t.Fatalf("one call looked at %d", p.Scanned)
			}
			for _, x := range p.Items {
				if long := []rune(x.Attributes["long"]); len(long) != 0 && (len(long) != attrCut || !x.Cut) {
					t.Fatalf("an attribute of %d characters, cut %v", len(long), x.Cut)
				}
			}
			if after = p.Next; after == "" {
				break
			}
		}
		if n != want {
			t.Errorf("%s: %d found, want %d", q, n, want)
		}
		if want < 4 && steps < 1 {
			t.Errorf("%s: all in one step", q)
		}
	}
	half := call[QueuePage](t, o.c, "GET", everQueue+"?percent=50&limit=1", nil)
	if i := half.Items[0].Attributes["i"]; i != fmt.Sprint((queueScan+502)/2) {
		t.Errorf("half way lies %s", i)
	}
	whole := call[FlowFileView](t, o.c, "GET", everQueue+"/"+half.Items[0].At, nil)
	if len([]rune(whole.Item.Attributes["long"])) != 300 || whole.Item.Cut || len(whole.Events) != 1 || whole.Events[0].Type != "create" || whole.Events[0].Node != "gen" {
		t.Errorf("details: %+v", whole)
	}
	if again := call[FlowFileView](t, o.c, "GET", everQueue+"/"+half.Items[0].ID, nil); again.Item.At != half.Items[0].At {
		t.Errorf("by its id: %+v", again.Item)
	}
	for path, code := range map[string]string{
		everQueue + "?after=x": "queue_place_bad", everQueue + "/128.999999": "queued_unknown", everQueue + "/999999": "queued_unknown",
		"/flows/ever/connections/gen-lug/queue": "connection_unknown", everQueue + "?run=none": "run_id_unknown", everQueue + "/x": "flowfile_id_bad",
	} {
		if got := codeOf(t, o.c, "GET", path, nil); got != code {
			t.Errorf("%s: %s, want %s", path, got, code)
		}
	}
}

func TestContentIsServedAsAFileInRanges(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	text := strings.Repeat("가나다라", 50_000) // 600,000 bytes, ten parts
	o.put(&flowfile.FlowFile{Content: o.content(text), Attrs: flowfile.Attrs{}.With("filename", "../한글 <b>.html").With(flowfile.MimeAttr, "text/html")})
	o.put(&flowfile.FlowFile{})
	list := call[QueuePage](t, o.c, "GET", everQueue, nil)
	path := everQueue + "/" + list.Items[0].At + "/content"
	resp, body := o.get(path)
	if resp.StatusCode != 200 || body != text {
		t.Fatalf("whole: %d, %d bytes", resp.StatusCode, len(body))
	}
	h := resp.Header
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || strings.ContainsAny(h.Get("Content-Disposition"), "<>/") {
		t.Errorf("headers: %v", h)
	}
	for _, c := range []struct {
		asked, got string
		status     int
	}{
		{"bytes=0-11", text[:12], 206}, {"bytes=65534-65540", text[65534:65541], 206}, {"bytes=599990-", text[599990:], 206},
		{"bytes=-5", text[len(text)-5:], 206}, {"bytes=700000-", "", 416},
	} {
		if resp, body := o.get(path, "Range", c.asked); resp.StatusCode != c.status || c.status == 206 && body != c.got {
			t.Errorf("%s: %d, %d bytes", c.asked, resp.StatusCode, len(body))
		}
	}
	if resp, body := o.get(path, "Range", "bytes=0-1,5-6"); resp.StatusCode != 200 || body != text {
		t.Errorf("two ranges: %d, %d bytes", resp.StatusCode, len(body))
	}
	if resp, body := o.get(path, "Range", "bytes=0-1", "If-Range", `"other"`); resp.StatusCode != 200 || len(body) != len(text) {
		t.Errorf("a range of something else: %d", resp.StatusCode)
	}
	if resp, body := o.get(everQueue + "/" + list.Items[1].At + "/content"); resp.StatusCode != 200 || body != "" {
		t.Errorf("empty: %d %q", resp.StatusCode, body)
	}
	if got := codeOf(t, o.c, "GET", everQueue+"/"+list.Items[0].At+"/records", nil); got != "content_not_records" {
		t.Errorf("as records: %s", got)
	}
}

func TestDeletingAndEmptyingLeavesWhatIsHeld(t *testing.T) {
	dir := t.TempDir()
	o := openEver(t, dir)
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	o.put(lots(3000)...)
	list := call[QueuePage](t, o.c, "GET", everQueue+"?limit=3", nil)
	if got := call[Dropped](t, o.c, "DELETE", everQueue+"/"+list.Items[1].At, nil); got.Count != 1 || got.Rows != 1 {
		t.Errorf("deleted: %+v", got)
	}
	if got := codeOf(t, o.c, "DELETE", everQueue+"/"+list.Items[1].At, nil); got != "queued_unknown" {
		t.Errorf("deleted twice: %s", got)
	}
	v := o.store.Queues("ever", 0, 0)
	items, err := v.Take([]string{"gen-log"}, 5)
	if err != nil || len(items) != 5 {
		t.Fatal(items, err)
	}
	err = o.c.Call(t.Context(), "DELETE", "/api/v1"+everQueue+"/"+list.Items[0].At, nil, nil)
	if f := fault.As(err); f == nil || f.Code != "queued_taken" || !strings.Contains(fault.Text(err, fault.Korean), "세션") {
		t.Errorf("deleted a held one: %v", err)
	}
	resp, _ := o.get(everQueue + "?limit=1")
	if resp.StatusCode != 200 {
		t.Error(resp.Status)
	}
	j := call[Job](t, o.c, "POST", everQueue+"/empty", EmptyQueue{})
	if j = ended(t, o, j.ID); j.State != "done" || j.Done != 2994 || j.Total != 2999 || j.Left != 5 || j.Rows != 2994 {
		t.Errorf("emptied: %+v", j)
	}
	v.Release(items)
	if p := call[QueuePage](t, o.c, "GET", everQueue, nil); p.Count != 5 || len(p.Items) != 5 {
		t.Errorf("left: %+v", p)
	}
	if got := codeOf(t, o.c, "GET", "/jobs/77", nil); got != "job_unknown" {
		t.Errorf("a job that never was: %s", got)
	}
	if err := o.Close(context.Background()); err != nil {
		t.Error(err)
	}
	o.engine = nil
	o = openEver(t, dir)
	p := call[QueuePage](t, o.c, "GET", everQueue, nil)
	r, err := o.store.Run("ever", 0)
	if err != nil || p.Count != 5 || r.Queues["gen-log"].Dropped.N != 2995 {
		t.Errorf("after a restart: %+v, %v", p, err)
	}
}

// TestEmptyingBesideASessionCountsEachOnce lets a consumer take and commit while
// the queue is emptied under it: each FlowFile leaves once, by one of the two.
func TestEmptyingBesideASessionCountsEachOnce(t *testing.T) {
	o := openEver(t, t.TempDir())
	call[Published](t, o.c, "POST", "/flows", ImportFlow{Doc: json.RawMessage(ever)})
	const n = 20_000
	o.put(lots(n)...)
	// The consumer is at work before the emptying begins, and leaves most of it.
	stop, begun, consumed := make(chan struct{}), make(chan struct{}), make(chan int64)
	go func() {
		v := o.store.Queues("ever", 0, 0)
		sum := int64(0)
		defer func() { consumed <- sum }()
		for sum < n/4 {
			select {
			case <-stop:
				return
			default:
			}
			items, err := v.Take([]string{"gen-log"}, 7)
			if err != nil {
				t.Error(err)
				return
			}
			if len(items) == 0 {
				continue
			}
			d := &flowfile.Delivery{Flow: "ever", Node: "log"}
			for _, it := range items {
				d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Filtered})
			}
			if _, err := o.store.Commit(context.Background(), d); err != nil {
				t.Errorf("the session lost what it held: %v", err)
				return
			}
			if sum == 0 {
				close(begun)
			}
			sum += int64(len(items))
		}
	}()
	<-begun
	j := call[Job](t, o.c, "POST", everQueue+"/empty", EmptyQueue{})
	j = ended(t, o, j.ID)
	close(stop)
	took := <-consumed
	r, err := o.store.Run("ever", 0)
	if err != nil {
		t.Fatal(err)
	}
	q := r.Queues["gen-log"]
	if j.State != "done" || q.Dropped.N != j.Done || q.Left.N != took || q.Queued.N+j.Done+took != n || j.Done == 0 || took == 0 {
		t.Errorf("job %+v, %d consumed, counters %+v", j, took, q)
	}
	if p := call[QueuePage](t, o.c, "GET", everQueue+"?limit=500", nil); int64(len(p.Items)) != min(q.Queued.N, 500) {
		t.Errorf("%d lie there, %d are counted", len(p.Items), q.Queued.N)
	}
}

// ended waits for a job's end.
func ended(t *testing.T, o *opened, id string) *Job {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		j := call[Job](t, o.c, "GET", "/jobs/"+id, nil)
		if j.State != jobGoing {
			return j
		}
		if time.Now().After(deadline) {
			t.Fatalf("the job goes on: %+v", j)
		}
	}
}

func TestAJobIsCancelledAndJoined(t *testing.T) {
	var js jobs
	began, out := make(chan struct{}), make(chan struct{})
	work := func(ctx context.Context, j *job) error {
		j.did(2)
		close(began)
		<-ctx.Done()
		close(out)
		return context.Cause(ctx)
	}
	j, err := js.start(t.Context(), Job{What: "empty", Flow: "f"}, work)
	if err != nil {
		t.Fatal(err)
	}
	<-began
	if again, err := js.start(t.Context(), Job{What: "empty", Flow: "f"}, work); err != nil || again.ID != j.ID || again.Done != 1 {
		t.Errorf("asked twice: %+v, %v", again, err)
	}
	for i := 1; i < jobsAtOnce; i++ {
		if _, err := js.start(t.Context(), Job{What: "empty", Flow: fmt.Sprint(i)}, func(ctx context.Context, _ *job) error { <-ctx.Done(); return ctx.Err() }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := js.start(t.Context(), Job{Flow: "more"}, work); fault.CodeOf(err) != "jobs_busy" {
		t.Errorf("one too many: %v", err)
	}
	js.close()
	select {
	case <-out:
	default:
		t.Error("close did not join")
	}
	found, err := js.find(j.ID)
	if err != nil || found.look().State != jobCancelled || found.look().Ended.IsZero() {
		t.Errorf("cancelled: %+v, %v", found.look(), err)
	}
	if _, err := js.start(t.Context(), Job{}, work); fault.CodeOf(err) != "jobs_busy" {
		t.Errorf("started after the close: %v", err)
	}
}
