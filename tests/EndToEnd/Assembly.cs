using Sluice.Tests.EndToEnd;

[assembly: AssemblyFixture(typeof(SharedGateway))]
