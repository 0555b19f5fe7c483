package store

// Doc returns the flow file of a published version.
func (s *Store) Doc(flow string, version uint32) ([]byte, error) {
	v, err := s.Version(flow, version)
	if err != nil {
		return nil, err
	}
	return v.Doc, nil
}

// Newest returns the number of the version in force, zero when there is none.
func (s *Store) Newest(flow string) (uint32, error) {
	f, err := s.Flow(flow)
	if err != nil {
		return 0, err
	}
	return f.Newest, nil
}

// FlowIDs returns the slugs of all flows, sorted.
func (s *Store) FlowIDs() ([]string, error) {
	all, err := s.Flows()
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = f.Flow
	}
	return ids, nil
}
