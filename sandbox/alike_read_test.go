package sandbox

import (
	"fmt"
	"io"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	apiv1 "cloud.google.com/go/firestore/apiv1"
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func aggregateOf(t *testing.T, low *apiv1.Client, text string, at *timestamppb.Timestamp) (map[string]*pb.Value, error) {
	t.Helper()
	q := new(pb.StructuredAggregationQuery)
	if err := prototext.Unmarshal([]byte(text), q); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	r := &pb.RunAggregationQueryRequest{Parent: projectRoot,
		QueryType: &pb.RunAggregationQueryRequest_StructuredAggregationQuery{StructuredAggregationQuery: q}}
	if at != nil {
		r.ConsistencySelector = &pb.RunAggregationQueryRequest_ReadTime{ReadTime: at}
	}
	st, err := low.RunAggregationQuery(t.Context(), r)
	if err != nil {
		return nil, err
	}
	res, err := st.Recv()
	if err != nil {
		return nil, err
	}
	if res.ReadTime == nil {
		t.Error("an aggregation has no read time")
	}
	if _, err := st.Recv(); err != io.EOF {
		t.Errorf("a second result or %v", err)
	}
	return res.GetResult().GetAggregateFields(), nil
}

func checkAggregations(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	people := `structured_query{from{collection_id:"people"}} `
	for text, want := range map[string]string{
		people + `aggregations{alias:"n" count{}}`:                                                                                             "n=8",
		people + `aggregations{alias:"n" count{up_to{value:3}}}`:                                                                               "n=3",
		people + `aggregations{alias:"s" sum{field{field_path:"age"}}} aggregations{alias:"a" avg{field{field_path:"age"}}}`:                   "a=30.2 s=151",
		people + `aggregations{alias:"s" sum{field{field_path:"nothing"}}} aggregations{alias:"a" avg{field{field_path:"nothing"}}}`:           "a=null s=0",
		people + `aggregations{alias:"s" sum{field{field_path:"p.x"}}}`:                                                                        "s=3",
		`structured_query{from{collection_id:"notes" all_descendants:true}} aggregations{alias:"n" count{}}`:                                   "n=8",
		`structured_query{from{collection_id:"people"} limit{value:5} offset:1} aggregations{alias:"n" count{}}`:                               "n=5",
		`structured_query{from{collection_id:"things"} where{unary_filter{field{field_path:"v"} op:IS_NULL}}} aggregations{alias:"n" count{}}`: "n=1",
		`structured_query{from{collection_id:"people"} order_by{field{field_path:"age"}}} aggregations{alias:"n" count{}}`:                     "n=7",
		`structured_query{from{collection_id:"things"} limit{value:11}} aggregations{alias:"s" sum{field{field_path:"v"}}}`:                    "s=NaN",
		`structured_query{from{collection_id:"nowhere"}} aggregations{alias:"n" count{}} aggregations{alias:"a" avg{field{field_path:"x"}}}`:   "a=null n=0",
	} {
		got, err := aggregateOf(t, low, text, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		said := ""
		for _, k := range sortedKeys(got) {
			v := "null"
			switch {
			case isInteger(got[k]):
				v = fmt.Sprint(got[k].GetIntegerValue())
			case classOf(got[k]) == classNumber:
				v = fmt.Sprint(got[k].GetDoubleValue())
			}
			if said != "" {
				said += " "
			}
			said += k + "=" + v
		}
		if said != want {
			t.Errorf("%s: %s, want %s", text, said, want)
		}
	}
	r, err := c.Collection("people").NewAggregationQuery().WithCount("all").Get(t.Context())
	if err != nil || r["all"].(*pb.Value).GetIntegerValue() != 8 {
		t.Errorf("count by the client: %v, %v", r, err)
	}
}

func checkReadTime(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	ctx := t.Context()
	ref := c.Doc("versions/v")
	var at []time.Time
	for i := range 3 {
		r, err := ref.Set(ctx, map[string]any{"n": i})
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, r.UpdateTime)
	}
	gone, err := ref.Delete(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, ts := range at {
		stamp := timestamppb.New(ts)
		d, err := low.GetDocument(ctx, &pb.GetDocumentRequest{Name: projectRoot + "/versions/v",
			ConsistencySelector: &pb.GetDocumentRequest_ReadTime{ReadTime: stamp}})
		if err != nil || d.Fields["n"].GetIntegerValue() != int64(i) {
			t.Errorf("version %d: %v, %v", i, d, err)
		}
		r := runQuery(projectRoot, query(t, `from{collection_id:"versions"}`))
		r.ConsistencySelector = &pb.RunQueryRequest_ReadTime{ReadTime: stamp}
		docs, last, err := receive(low, t, r)
		if err != nil || len(docs) != 1 || docs[0].Fields["n"].GetIntegerValue() != int64(i) || !proto.Equal(last.ReadTime, stamp) {
			t.Errorf("query at version %d: %v at %v, %v", i, docs, last.GetReadTime(), err)
		}
		n, err := aggregateOf(t, low, `structured_query{from{collection_id:"versions"}} aggregations{alias:"n" count{}}`, stamp)
		if err != nil || n["n"].GetIntegerValue() != 1 {
			t.Errorf("count at version %d: %v, %v", i, n, err)
		}
	}
	before := timestamppb.New(at[0].Add(-time.Microsecond))
	n, err := aggregateOf(t, low, `structured_query{from{collection_id:"versions"}} aggregations{alias:"n" count{}}`, before)
	if err != nil || n["n"].GetIntegerValue() != 0 {
		t.Errorf("count before the first version: %v, %v", n, err)
	}
	n, err = aggregateOf(t, low, `structured_query{from{collection_id:"versions"}} aggregations{alias:"n" count{}}`, timestamppb.New(gone.UpdateTime))
	if err == nil && n["n"].GetIntegerValue() != 0 {
		t.Errorf("count after the deletion: %v", n)
	}
}

func checkEmpty(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	docs, last, err := receive(low, t, runQuery(projectRoot, query(t, `from{collection_id:"nowhere"}`)))
	if err != nil || len(docs) != 0 || last.GetReadTime() == nil {
		t.Errorf("%v, last response %v, %v", docs, last, err)
	}
}

func checkUnchanged(t *testing.T, c *firestore.Client, low *apiv1.Client) {
	w := set0("same/x", fields(t, `fields{key:"b" value{integer_value:1}} fields{key:"a" value{map_value{fields{key:"d" value{integer_value:1}} fields{key:"c" value{integer_value:1}}}}}`))
	first := mustCommit(t, low, w)
	again := mustCommit(t, low, w)
	if !proto.Equal(first.WriteResults[0].UpdateTime, again.WriteResults[0].UpdateTime) {
		t.Errorf("updated at %v, then without a change at %v", first.WriteResults[0].UpdateTime, again.WriteResults[0].UpdateTime)
	}
}
