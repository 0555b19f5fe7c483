package sandbox

import (
	"io"
	"slices"
	"testing"

	apiv1 "cloud.google.com/go/firestore/apiv1"
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
)

const projectRoot = "projects/calback-demo/databases/(default)/documents"

// call is a request as the wire has it, for what the high-level client hides.
type call struct {
	name  string
	query string // a StructuredQuery in text form
	want  []string
	code  codes.Code
}

// rawCalls have the same answers from the sandbox and from Google's emulator.
var rawCalls = []call{
	{"equal null by value", `from{collection_id:"things"} where{field_filter{field{field_path:"v"} op:EQUAL value{null_value:NULL_VALUE}}}`, nil, 0},
	{"equal NaN by value", `from{collection_id:"things"} where{field_filter{field{field_path:"v"} op:EQUAL value{double_value:nan}}}`, nil, 0},
	{"less than NaN", `from{collection_id:"things"} where{field_filter{field{field_path:"v"} op:LESS_THAN value{double_value:nan}}}`, nil, 0},
	{"at least NaN", `from{collection_id:"things"} where{field_filter{field{field_path:"v"} op:GREATER_THAN_OR_EQUAL value{double_value:nan}}}`, nil, 0},
	{"greater than null", `from{collection_id:"things"} where{field_filter{field{field_path:"v"} op:GREATER_THAN value{null_value:NULL_VALUE}}}`, nil, 0},
	{"at least null", `from{collection_id:"things"} where{field_filter{field{field_path:"v"} op:GREATER_THAN_OR_EQUAL value{null_value:NULL_VALUE}}}`, nil, 0},
	{"not equal null by value", `from{collection_id:"people"} where{field_filter{field{field_path:"age"} op:NOT_EQUAL value{null_value:NULL_VALUE}}}`, nil, 0},
	{"contains null", `from{collection_id:"people"} where{field_filter{field{field_path:"tags"} op:ARRAY_CONTAINS value{null_value:NULL_VALUE}}}`, nil, 0},
	{"contains NaN", `from{collection_id:"people"} where{field_filter{field{field_path:"tags"} op:ARRAY_CONTAINS value{double_value:nan}}}`, nil, 0},
	{"contains any with null and NaN", `from{collection_id:"people"} where{field_filter{field{field_path:"tags"} op:ARRAY_CONTAINS_ANY value{array_value{values{null_value:NULL_VALUE} values{double_value:nan} values{integer_value:1}}}}}`, []string{"ann", "eun"}, 0},
	{"is not null", `from{collection_id:"people"} where{unary_filter{field{field_path:"age"} op:IS_NOT_NULL}}`, []string{"bob", "han", "ann", "cho", "gil", "dan"}, 0},
	{"is not NaN", `from{collection_id:"people"} where{unary_filter{field{field_path:"age"} op:IS_NOT_NAN}}`, []string{"bob", "han", "ann", "cho", "gil", "dan"}, 0},
	{"negative limit", `from{collection_id:"people"} limit{value:-1}`, nil, codes.InvalidArgument},
	{"zero limit", `from{collection_id:"people"} limit{value:0}`, nil, 0},
	{"negative offset", `from{collection_id:"people"} offset:-1`, nil, codes.InvalidArgument},
	{"too many cursor values", `from{collection_id:"people"} order_by{field{field_path:"age"}} start_at{values{integer_value:1} values{reference_value:"` + projectRoot + `/people/ann"} values{integer_value:2}}`, nil, codes.InvalidArgument},
	{"cursor on the implied name", `from{collection_id:"people"} order_by{field{field_path:"age"}} start_at{values{integer_value:25} values{reference_value:"` + projectRoot + `/people/bob"}}`, nil, codes.InvalidArgument},
	{"cursor without order", `from{collection_id:"people"} start_at{values{reference_value:"` + projectRoot + `/people/fay"} before:true}`, nil, codes.InvalidArgument},
	{"name compared with text", `from{collection_id:"people"} where{field_filter{field{field_path:"__name__"} op:GREATER_THAN value{string_value:"bob"}}}`, nil, codes.InvalidArgument},
	{"bad field path", `from{collection_id:"people"} where{field_filter{field{field_path:"a..b"} op:EQUAL value{integer_value:1}}}`, nil, codes.InvalidArgument},
	{"not in too many", `from{collection_id:"people"} where{field_filter{field{field_path:"age"} op:NOT_IN value{array_value{` + repeat(11) + `}}}}`, nil, codes.InvalidArgument},
	{"in too many", `from{collection_id:"people"} where{field_filter{field{field_path:"age"} op:IN value{array_value{` + repeat(31) + `}}}}`, nil, codes.InvalidArgument},
	{"two not equal", `from{collection_id:"people"} where{composite_filter{op:AND filters{field_filter{field{field_path:"age"} op:NOT_EQUAL value{integer_value:1}}} filters{field_filter{field{field_path:"city"} op:NOT_EQUAL value{integer_value:1}}}}}`, nil, codes.InvalidArgument},
	{"not in with or", `from{collection_id:"people"} where{composite_filter{op:OR filters{field_filter{field{field_path:"age"} op:NOT_IN value{array_value{values{integer_value:1}}}}} filters{field_filter{field{field_path:"city"} op:EQUAL value{integer_value:1}}}}}`, nil, codes.InvalidArgument},
	{"in and not in", `from{collection_id:"people"} where{composite_filter{op:AND filters{field_filter{field{field_path:"age"} op:NOT_IN value{array_value{values{integer_value:1}}}}} filters{field_filter{field{field_path:"city"} op:IN value{array_value{values{integer_value:1}}}}}}}`, nil, codes.InvalidArgument},
	{"order by before the inequality", `from{collection_id:"people"} where{field_filter{field{field_path:"age"} op:GREATER_THAN value{integer_value:1}}} order_by{field{field_path:"city"}}`, []string{"bob", "cho", "han", "ann"}, 0},
	{"order by a field twice", `from{collection_id:"people"} order_by{field{field_path:"age"}} order_by{field{field_path:"age"}}`, nil, codes.InvalidArgument},
	{"order by after the name", `from{collection_id:"people"} order_by{field{field_path:"__name__"}} order_by{field{field_path:"age"}}`, nil, codes.InvalidArgument},
	{"order by an equality", `from{collection_id:"people"} where{field_filter{field{field_path:"city"} op:EQUAL value{string_value:"서울"}}} order_by{field{field_path:"city"} direction:DESCENDING}`, []string{"han", "fay", "dan", "ann"}, 0},
	{"reserved collection", `from{collection_id:"__people__"}`, nil, codes.InvalidArgument},
	{"two collections", `from{collection_id:"people"} from{collection_id:"things"}`, nil, codes.InvalidArgument},
	{"no operator", `from{collection_id:"people"} where{field_filter{field{field_path:"age"} value{integer_value:1}}}`, nil, codes.InvalidArgument},
	{"value of no type", `from{collection_id:"people"} where{field_filter{field{field_path:"age"} op:EQUAL value{}}}`, nil, codes.InvalidArgument},
	{"equal array holding null", `from{collection_id:"things"} where{field_filter{field{field_path:"v"} op:EQUAL value{array_value{values{null_value:NULL_VALUE} values{integer_value:5}}}}}`, []string{"71array"}, 0},
}

func repeat(n int) string {
	s := ""
	for range n {
		s += "values{integer_value:1}"
	}
	return s
}

func query(t *testing.T, text string) *pb.StructuredQuery {
	t.Helper()
	q := new(pb.StructuredQuery)
	if err := prototext.Unmarshal([]byte(text), q); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

// receive reads a stream of query responses to its end.
func receive(c *apiv1.Client, t *testing.T, r *pb.RunQueryRequest) (docs []*pb.Document, last *pb.RunQueryResponse, err error) {
	t.Helper()
	st, err := c.RunQuery(t.Context(), r)
	if err != nil {
		return nil, nil, err
	}
	for {
		res, err := st.Recv()
		if err == io.EOF {
			return docs, last, nil
		}
		if err != nil {
			return docs, last, err
		}
		if last = res; res.GetDocument() != nil {
			docs = append(docs, res.GetDocument())
		}
	}
}

func idsOf(docs []*pb.Document) []string {
	var ids []string
	for _, d := range docs {
		ids = append(ids, d.GetName()[len(d.GetName())-len(lastSegment(d.GetName())):])
	}
	return ids
}

func lastSegment(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[i+1:]
		}
	}
	return name
}

func checkRaw(t *testing.T, c *apiv1.Client) {
	t.Helper()
	for _, r := range rawCalls {
		docs, _, err := receive(c, t, runQuery(projectRoot, query(t, r.query)))
		if status.Code(err) != r.code {
			t.Errorf("%s: %v, want code %v", r.name, err, r.code)
		}
		if got := idsOf(docs); !slices.Equal(got, r.want) {
			t.Errorf("%s:\n got %v\nwant %v", r.name, got, r.want)
		}
	}
}

func TestRawQueries(t *testing.T) {
	s := open(t, empty)
	fillTable(t, client(t, s.Addr(), s.Project()))
	checkRaw(t, lowClient(t, s.Addr()))
}
