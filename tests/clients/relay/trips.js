// The documents of the Relay client. The compiler reads this file; nothing runs it.
import { graphql } from 'relay-runtime';

graphql`
  fragment trips_card on Trip {
    id
    fare
    note
    driver {
      id
      name
    }
  }
`;

graphql`
  fragment trips_list on Query
  @argumentDefinitions(
    run: { type: "String!" }
    count: { type: "Int", defaultValue: 2 }
    cursor: { type: "String" }
  )
  @refetchable(queryName: "tripsListPageQuery") {
    trips(first: $count, after: $cursor, order: [fare_ASC], where: { run: { equalTo: $run } })
      @connection(key: "trips_list_trips") {
      __id
      count
      edges {
        node {
          id
          ...trips_card
        }
      }
    }
  }
`;

graphql`
  query tripsListQuery($run: String!) {
    ...trips_list @arguments(run: $run)
  }
`;

// A connection inside an object: its pages are fetched by node(id:).
graphql`
  fragment trips_stops on Trip
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "tripsStopsPageQuery") {
    id
    stops(first: $count, after: $cursor, order: [name_ASC]) @connection(key: "trips_stops_stops") {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`;

graphql`
  query tripsOneQuery($id: ID!) {
    node(id: $id) {
      __typename
      id
      ...trips_card @alias(as: "card")
      ...trips_stops @alias(as: "stops")
    }
  }
`;

graphql`
  query tripsPlacesQuery($id: ID!) {
    trip(id: $id) {
      places {
        __typename
        ... on Element {
          value
        }
        ... on City {
          id
          name
        }
      }
    }
  }
`;

graphql`
  mutation tripsCreateMutation($input: CreateTripInput!, $connections: [ID!]!) {
    createTrip(input: $input) {
      clientMutationId
      trip @appendNode(connections: $connections, edgeTypeName: "TripEdge") {
        ...trips_card
      }
    }
  }
`;

graphql`
  mutation tripsUpdateMutation($input: UpdateTripInput!) {
    updateTrip(input: $input) {
      trip {
        ...trips_card
      }
    }
  }
`;

graphql`
  mutation tripsDeleteMutation($id: ID!) {
    deleteTrip(input: { id: $id }) {
      trip {
        id @deleteRecord
      }
    }
  }
`;
