package sandbox

import (
	"context"
	"crypto/rand"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Commit applies all writes or none.
func (s *service) Commit(_ context.Context, r *pb.CommitRequest) (*pb.CommitResponse, error) {
	if err := s.names.checkDatabase(r.GetDatabase()); err != nil {
		return nil, err
	}
	var x *transaction
	if len(r.GetTransaction()) > 0 {
		var err error
		if x, err = s.open.end(s.db, r.GetTransaction()); err != nil {
			return nil, err
		}
		if x.readOnly && len(r.GetWrites()) > 0 {
			return nil, invalid("Cannot modify entities in a read-only transaction.")
		}
	}
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	if x != nil && !x.readOnly && x.stale(s.db) {
		return nil, grpcstatus.Error(codes.Aborted, "Too much contention on these documents. Please try again.")
	}
	b := s.newBatch()
	res := &pb.CommitResponse{CommitTime: stamp(b.time)}
	for _, w := range r.GetWrites() {
		wr, err := b.write(w)
		if err != nil {
			return nil, err
		}
		res.WriteResults = append(res.WriteResults, wr)
	}
	s.db.apply(b.time, b.changes)
	s.meter.wrote(len(r.GetWrites()))
	return res, nil
}

// BatchWrite applies each write for itself.
func (s *service) BatchWrite(ctx context.Context, r *pb.BatchWriteRequest) (*pb.BatchWriteResponse, error) {
	if err := s.names.checkDatabase(r.GetDatabase()); err != nil {
		return nil, err
	}
	if len(r.GetLabels()) > 0 {
		return nil, unimplemented("labels of BatchWrite")
	}
	seen := map[string]bool{}
	for _, w := range r.GetWrites() {
		name := w.GetUpdate().GetName() + w.GetDelete() + w.GetTransform().GetDocument()
		if seen[name] {
			return nil, invalid("The same document cannot be written more than once within a single request: %s", name)
		}
		seen[name] = true
	}
	res := &pb.BatchWriteResponse{}
	for _, w := range r.GetWrites() {
		wr, err := s.writeOne(w)
		if err != nil {
			wr = &pb.WriteResult{}
		}
		st := grpcstatus.Convert(err)
		res.WriteResults = append(res.WriteResults, wr)
		res.Status = append(res.Status, &status.Status{Code: int32(st.Code()), Message: st.Message()})
	}
	return res, nil
}

func (s *service) writeOne(w *pb.Write) (*pb.WriteResult, error) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	b := s.newBatch()
	res, err := b.write(w)
	if err != nil {
		return nil, err
	}
	s.db.apply(b.time, b.changes)
	s.meter.wrote(1)
	return res, nil
}

// writeDocument applies one write and returns the document as it is then.
func (s *service) writeDocument(w *pb.Write, returned *pb.DocumentMask) (*pb.Document, error) {
	m, err := documentMask(returned)
	if err != nil {
		return nil, err
	}
	if _, err := s.writeOne(w); err != nil {
		return nil, err
	}
	k, err := s.names.document(w.GetUpdate().GetName())
	if err != nil {
		return nil, err
	}
	v := s.db.get(k, s.db.readNow())
	if v == nil {
		return nil, notFound(w.GetUpdate().GetName()) // deleted by someone since
	}
	return s.document(hit{k, v}, m), nil
}

// CreateDocument adds a document that must not exist.
func (s *service) CreateDocument(_ context.Context, r *pb.CreateDocumentRequest) (*pb.Document, error) {
	parent, err := s.names.parent(r.GetParent())
	if err != nil {
		return nil, err
	}
	if r.GetDocument().GetName() != "" {
		return nil, invalid("The name of a document to create must not be set.")
	}
	id := r.GetDocumentId()
	if id == "" {
		id = rand.Text()[:20]
	}
	for _, seg := range []string{r.GetCollectionId(), id} {
		if err := checkSegment(seg); err != nil {
			return nil, err
		}
	}
	return s.writeDocument(&pb.Write{
		Operation: &pb.Write_Update{Update: &pb.Document{
			Name: s.names.resource(child(parent, r.GetCollectionId(), id)), Fields: r.GetDocument().GetFields()}},
		CurrentDocument: &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: false}},
	}, r.GetMask())
}

// UpdateDocument changes or adds a document.
func (s *service) UpdateDocument(_ context.Context, r *pb.UpdateDocumentRequest) (*pb.Document, error) {
	return s.writeDocument(&pb.Write{
		Operation:       &pb.Write_Update{Update: r.GetDocument()},
		UpdateMask:      r.GetUpdateMask(),
		CurrentDocument: r.GetCurrentDocument(),
	}, r.GetMask())
}

// DeleteDocument removes a document, if it exists.
func (s *service) DeleteDocument(_ context.Context, r *pb.DeleteDocumentRequest) (*emptypb.Empty, error) {
	_, err := s.writeOne(&pb.Write{
		Operation: &pb.Write_Delete{Delete: r.GetName()}, CurrentDocument: r.GetCurrentDocument()})
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}
