package sandbox

// mountOAuth serves the token endpoints.
func (s *Sandbox) mountOAuth(Config) {}
