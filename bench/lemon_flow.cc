/* lemon_flow FILE: LEMON's network simplex on a DIMACS minimum-cost flow file, the best of three runs of processor time, as JSON. Only
 * for comparison; built where liblemon-dev is installed. */
#include <lemon/dimacs.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <cstdio>
#include <ctime>
#include <fstream>

using Graph = lemon::SmartDigraph;
using Number = long long;

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 2;
    }
    Graph graph;
    Graph::ArcMap<Number> low(graph), cap(graph), cost(graph);
    Graph::NodeMap<Number> supply(graph);
    std::ifstream in(argv[1]);
    lemon::DimacsDescriptor kind = lemon::dimacsType(in);
    in.clear();
    in.seekg(0);
    lemon::readDimacsMin(in, graph, low, cap, cost, supply, Number(0), kind);
    double best = 1e9;
    Number optimum = 0;
    for (int i = 0; i < 3; i++) {
        std::clock_t start = std::clock();
        lemon::NetworkSimplex<Graph, Number, Number> simplex(graph, true);
        simplex.lowerMap(low).upperMap(cap).costMap(cost).supplyMap(supply);
        simplex.run();
        double seconds = double(std::clock() - start) / CLOCKS_PER_SEC;
        best = seconds < best ? seconds : best;
        optimum = simplex.totalCost();
    }
    std::printf("{\"optimum\":%lld,\"seconds\":%g}\n", optimum, best);
    return 0;
}
