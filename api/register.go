package api

// register adds every resource; a new one adds its line here.
func (s *Server) register() {
	s.registerOrganisations()
	s.registerMe()
	s.registerMembers()
	s.registerInvitations()
	s.registerAudit()
	s.registerSandboxes()
	s.registerProcurements()
	s.registerParticipants()
	s.registerTeam()
	s.registerRequirements()
	s.registerDocuments()
	s.registerReview()
	s.registerSteering()
	s.registerQuestions()
	s.registerTenders()
	s.registerEvaluation()
	s.registerContracts()
	s.registerLetters()
	s.registerPublic()
	s.registerEvents()
	s.registerCommands()
	s.registerNotice()
	s.registerRecord()
	s.registerDeployment()
}
