package api

// register adds every resource; a new one adds its line here.
func (s *Server) register() {
	s.registerOrganisations()
	s.registerProcurements()
	s.registerParticipants()
	s.registerTeam()
	s.registerRequirements()
	s.registerDocuments()
	s.registerReview()
	s.registerCommands()
}
