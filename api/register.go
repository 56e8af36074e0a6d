package api

// register adds every resource; a new one adds its line here.
func (s *Server) register() {
	s.registerCommands()
}
