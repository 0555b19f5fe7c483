package sandbox

import (
	"context"
	"log/slog"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// service answers the calls. What it does not define, the embedded server
// answers with UNIMPLEMENTED and the method's name.
type service struct {
	pb.UnimplementedFirestoreServer
	names  names
	db     *database
	open   transactions
	faults faultSet
	meter  meter
	auth   *Auth // nil asks nobody
	log    *slog.Logger
}

// RunQuery streams the documents of a query.
func (s *service) RunQuery(r *pb.RunQueryRequest, stream pb.Firestore_RunQueryServer) error {
	if r.GetExplainOptions() != nil {
		return unimplemented("explain_options")
	}
	parent, err := s.names.parent(r.GetParent())
	if err != nil {
		return err
	}
	p, err := newPlan(s.names, parent, r.GetStructuredQuery())
	if err != nil {
		return err
	}
	m, err := s.when(r, r.GetNewTransaction())
	if err != nil {
		return err
	}
	m.tx.readRange(p.span.id)
	if m.started != nil {
		if err := stream.Send(&pb.RunQueryResponse{Transaction: m.started}); err != nil {
			return err
		}
	}
	sent := 0
	skipped, err := p.run(s.db, m.time, func(hits []hit) error {
		allowed, stop := s.faults.documents("RunQuery", len(hits))
		if err := s.send(stream, hits[:allowed], p.mask, m.time); err != nil {
			return err
		}
		sent += allowed
		if stop != nil {
			return stop
		}
		return stream.Context().Err()
	})
	s.meter.read(sent+skipped, sent)
	if err != nil {
		return endEarly(stream.Context(), err)
	}
	if sent == 0 || skipped > 0 {
		return stream.Send(&pb.RunQueryResponse{ReadTime: m.stamp(), SkippedResults: int32(skipped)})
	}
	return nil
}

// send writes one response for each document. The responses of a batch share
// one buffer, which gRPC may hold until they are on the wire.
func (s *service) send(stream grpc.ServerStream, hits []hit, m *mask, t int64) error {
	size := 0
	for _, h := range hits {
		size += len(s.names.root) + len(h.key) + len(h.fields) + 64
	}
	buf := make([]byte, 0, size)
	for _, h := range hits {
		at := len(buf)
		buf = s.names.appendDocument(buf, responseDocument, h, m)
		buf = appendTime(buf, responseReadTime, t)
		if err := stream.SendMsg(encoded(buf[at:len(buf):len(buf)])); err != nil {
			return err
		}
	}
	return nil
}

// document returns a stored document as a message.
func (s *service) document(h hit, m *mask) *pb.Document {
	return &pb.Document{Name: s.names.resource(h.key), Fields: decodeFields(m.apply(h.fields)),
		CreateTime: stamp(h.created), UpdateTime: stamp(h.updated)}
}

// BatchGetDocuments streams documents by name, the missing ones as such.
func (s *service) BatchGetDocuments(r *pb.BatchGetDocumentsRequest, stream pb.Firestore_BatchGetDocumentsServer) error {
	if err := s.names.checkDatabase(r.GetDatabase()); err != nil {
		return err
	}
	mask, err := documentMask(r.GetMask())
	if err != nil {
		return err
	}
	var keys []key
	seen := map[key]bool{}
	for _, name := range r.GetDocuments() {
		k, err := s.names.document(name)
		if err != nil {
			return err
		}
		if !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	m, err := s.when(r, r.GetNewTransaction())
	if err != nil {
		return err
	}
	if m.started != nil {
		if err := stream.Send(&pb.BatchGetDocumentsResponse{Transaction: m.started}); err != nil {
			return err
		}
	}
	for _, k := range keys {
		m.tx.readDocument(k)
		res := &pb.BatchGetDocumentsResponse{ReadTime: m.stamp()}
		found := 0
		if v := s.db.get(k, m.time); v != nil {
			res.Result = &pb.BatchGetDocumentsResponse_Found{Found: s.document(hit{k, v}, mask)}
			found = 1
		} else {
			res.Result = &pb.BatchGetDocumentsResponse_Missing{Missing: s.names.resource(k)}
		}
		allowed, stop := s.faults.documents("BatchGetDocuments", 1)
		if allowed == 1 {
			s.meter.read(1, found)
			if err := stream.Send(res); err != nil {
				return err
			}
		}
		if stop != nil {
			return endEarly(stream.Context(), stop)
		}
	}
	return nil
}

// GetDocument returns one document.
func (s *service) GetDocument(ctx context.Context, r *pb.GetDocumentRequest) (*pb.Document, error) {
	k, err := s.names.document(r.GetName())
	if err != nil {
		return nil, err
	}
	mask, err := documentMask(r.GetMask())
	if err != nil {
		return nil, err
	}
	m, err := s.when(r, nil)
	if err != nil {
		return nil, err
	}
	m.tx.readDocument(k)
	v := s.db.get(k, m.time)
	if v == nil {
		s.meter.read(1, 0)
		return nil, notFound(r.GetName())
	}
	s.meter.read(1, 1)
	return s.document(hit{k, v}, mask), nil
}

// BeginTransaction starts a transaction.
func (s *service) BeginTransaction(_ context.Context, r *pb.BeginTransactionRequest) (*pb.BeginTransactionResponse, error) {
	if err := s.names.checkDatabase(r.GetDatabase()); err != nil {
		return nil, err
	}
	id, _, err := s.open.begin(s.db, r.GetOptions())
	return &pb.BeginTransactionResponse{Transaction: id}, err
}

// Rollback ends a transaction without writing.
func (s *service) Rollback(_ context.Context, r *pb.RollbackRequest) (*emptypb.Empty, error) {
	if err := s.names.checkDatabase(r.GetDatabase()); err != nil {
		return nil, err
	}
	if _, err := s.open.end(s.db, r.GetTransaction()); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}
