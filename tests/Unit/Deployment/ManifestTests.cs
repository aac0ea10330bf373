using k8s;
using k8s.Models;
using Sluice.Edge;
using Sluice.Revisions.Reading;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Deployment;

/// <summary>The manifests of <c>deploy/kubernetes</c>, read with the types of Kubernetes' API, where a field that is not known is an error.</summary>
public sealed class ManifestTests
{
    private const string Component = "app.kubernetes.io/component";
    private const int User = 1654;

    private static readonly object[] Resources =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy", "kubernetes"), "*.yaml")
            .Where(file => Path.GetFileName(file) is not "kustomization.yaml")
            .SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), strict: true)),
    ];

    private static readonly V1PodTemplateSpec[] Pods =
        [.. Resources.OfType<V1StatefulSet>().Select(s => s.Spec.Template), .. Resources.OfType<V1Deployment>().Select(d => d.Spec.Template)];

    [Fact]
    public void There_are_silos_edges_their_services_and_what_guards_them()
    {
        Assert.Equal(["edge", "silo"], Pods.Select(p => p.Metadata.Labels[Component]).Order(StringComparer.Ordinal));
        Assert.Equal(["sluice", "sluice-admin", "sluice-silo"], Resources.OfType<V1Service>().Select(s => s.Metadata.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["edge", "silo"], Resources.OfType<V1PodDisruptionBudget>().Select(b => b.Spec.Selector.MatchLabels[Component]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Who_watches_endpoints_may_do_nothing_else()
    {
        var objects = KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "kubernetes", "discovery", "account.yaml")), strict: true);
        var (account, role, binding) = (Assert.Single(objects.OfType<V1ServiceAccount>()), Assert.Single(objects.OfType<V1Role>()), Assert.Single(objects.OfType<V1RoleBinding>()));

        var rule = Assert.Single(role.Rules);
        Assert.Equal(["discovery.k8s.io"], rule.ApiGroups);
        Assert.Equal(["endpointslices"], rule.Resources);
        Assert.Equal(["get", "list", "watch"], rule.Verbs);
        Assert.Equal((role.Metadata.Name, account.Metadata.Name), (binding.RoleRef.Name, Assert.Single(binding.Subjects).Name));
    }

    [Fact]
    public void A_container_is_not_root_writes_nowhere_but_to_its_volumes_and_may_gain_nothing()
    {
        foreach (var pod in Pods.Select(p => p.Spec))
        {
            var container = Assert.Single(pod.Containers);
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.Equal(User, pod.SecurityContext.RunAsUser);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.False(pod.AutomountServiceAccountToken);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Equal(["/data", "/tmp"], container.VolumeMounts.Where(m => m.ReadOnlyProperty is not true).Select(m => m.MountPath).Order(StringComparer.Ordinal));
            Assert.Equal(container.VolumeMounts.Select(m => m.Name).Order(StringComparer.Ordinal), pod.Volumes.Select(v => v.Name).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void A_secret_is_referred_to_and_stands_in_no_manifest()
    {
        Assert.Empty(Resources.OfType<V1Secret>());
        foreach (var variable in Pods.SelectMany(p => p.Spec.Containers.Single().Env).Where(e => e.Name is "SLUICE__STORAGE" or "SLUICE__ROOTKEY"))
        {
            Assert.NotNull(variable.ValueFrom.SecretKeyRef);
        }

        Assert.All(Pods, p => Assert.NotNull(p.Spec.Volumes.Single(v => v.Name is "tls").Secret));
    }

    [Fact]
    public void Every_probe_and_service_leads_to_a_port_of_the_pods()
    {
        foreach (var pod in Pods)
        {
            var container = pod.Spec.Containers.Single();
            string[] ports = [.. container.Ports.Select(p => p.Name)];
            Assert.All(new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe }, p => Assert.Contains(p.HttpGet.Port.Value, ports));
            Assert.StartsWith("/healthz/", container.ReadinessProbe.HttpGet.Path, StringComparison.Ordinal);
        }

        foreach (var service in Resources.OfType<V1Service>())
        {
            var pod = Assert.Single(Pods, p => service.Spec.Selector.All(s => p.Metadata.Labels.Contains(s)));
            Assert.All(service.Spec.Ports, p => Assert.Contains(p.TargetPort.Value, pod.Spec.Containers.Single().Ports.Select(c => c.Name)));
        }
    }

    [Fact]
    public void An_edge_is_given_more_time_to_end_than_it_takes_to_drain()
    {
        var edge = Pods.Single(p => p.Metadata.Labels[Component] is "edge").Spec;
        Assert.True(Durations.TryParse(edge.Containers.Single().Env.Single(e => e.Name is "SLUICE__EDGE__DRAINDELAY").Value, out var delay));

        Assert.True(edge.TerminationGracePeriodSeconds > (delay + new EdgeOptions().DrainTime).TotalSeconds);
    }

    [Fact]
    public void Silo_ports_are_open_to_silos_gateways_to_silos_and_edges_and_nothing_else_comes_in()
    {
        var policies = Resources.OfType<V1NetworkPolicy>().ToDictionary(p => p.Metadata.Name, p => p.Spec, StringComparer.Ordinal);
        Assert.Null(policies["sluice-nothing-else"].Ingress);
        Assert.All(policies.Values, p => Assert.Equal(["Ingress"], p.PolicyTypes));
        var open = policies["sluice-silo"].Ingress.ToDictionary(r => r.Ports.Single().Port.Value, r => Admitted(r.FromProperty.Single().PodSelector), StringComparer.Ordinal);

        Assert.Equal(["silo"], open["silo"]);
        Assert.Equal(["silo", "edge"], open["gateway"]);
        Assert.Equal(["operator"], open["admin"]);
        var edge = policies["sluice-edge"].Ingress.ToDictionary(r => r.Ports.Single().Port.Value, r => r.FromProperty, StringComparer.Ordinal);
        Assert.Equal(["http", "ops"], edge.Keys.Order(StringComparer.Ordinal));
        Assert.Null(edge["http"]);
        Assert.Equal(["operator"], Admitted(edge["ops"].Single().PodSelector));
    }

    private static string[] Admitted(V1LabelSelector pods) =>
        pods.MatchLabels is { } labels ? [labels[Component]] : [.. pods.MatchExpressions.Single(e => e.Key is Component && e.OperatorProperty is "In").Values];
}
